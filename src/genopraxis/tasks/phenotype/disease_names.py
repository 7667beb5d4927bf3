"""What the name of a disease says of its signs: words that it shares with the terms of a query."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.diseases import Diseases
from genopraxis.knowledge.ontology import Ontology

Floats = NDArray[np.float32]

_WORD = re.compile(r"[a-z]{3,}")
_STEM = 7  # letters: neuropathy and neuropathic
_SYNONYMS = 3  # the first ones; later ones are often of laymen
_ROWS_KEPT = 1024
_EMPTY_TEXT = (
    "and with the without due form type onset disease disorder syndrome related autosomal dominant recessive linked "
    "susceptibility deficiency congenital familial early late juvenile infantile adult"
)
_EMPTY = frozenset(_EMPTY_TEXT.split())


class DiseaseNames:
    """Words of the names of every group, weighted by how few names they occur in."""

    def __init__(self, diseases: Diseases, ontology: Ontology) -> None:
        self._ontology, self._n = ontology, len(diseases.members)
        words = [_words(" ".join(diseases.names[d] for d in members)) for members in diseases.members]
        number = Counter(word for own in words for word in own)
        self._weight = {word: float(np.log(self._n / n)) for word, n in number.items()}
        self._groups: dict[str, NDArray[np.intp]] = {}
        by_word: dict[str, list[int]] = defaultdict(list)
        for group, own in enumerate(words):
            for word in own:
                by_word[word].append(group)
        self._groups = {word: np.array(groups, dtype=np.intp) for word, groups in by_word.items()}
        length = [np.sqrt(sum(self._weight[word] ** 2 for word in own)) for own in words]
        self._length = np.maximum(np.array(length, dtype=np.float64), 1e-9)
        self._synonyms: dict[int, list[str]] = defaultdict(list)
        for term, synonym in ontology.synonyms.iter_rows():
            if len(self._synonyms[term]) < _SYNONYMS:
                self._synonyms[term].append(synonym)
        self._rows: dict[int, Floats] = {}

    def row(self, term: int) -> Floats:
        """Return how much of each group's name a term says, shape (groups,); not to be written to."""
        row = self._rows.get(term)
        if row is None:
            total = np.zeros(self._n)
            text = " ".join([self._ontology.labels[term], *self._synonyms.get(term, ())])
            for word in sorted(_words(text) & self._weight.keys()):
                total[self._groups[word]] += self._weight[word]
            row = (total / self._length).astype(np.float32)
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[term] = row
        return row


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold()) if word not in _EMPTY}
