"""What every tool of the phenotype task must do, as tests to inherit."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import polars as pl

from genopraxis.contracts.training import TrainingTrace
from genopraxis.knowledge.annotations import Aspect, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.task import TASK, PhenotypeRanker, PhenotypeTool
from genopraxis.testing.knowledge import materialised, small_knowledge
from genopraxis.testing.tools import ToolContract

_EXPLAINED = 5  # leading groups whose explanation is added up


class PhenotypeToolContract(ToolContract):
    """Inherit from this, name the subclass ``Test…`` and give it a ``tool``.

    ``tool`` may be a class attribute, a property, or be set by an autouse fixture. ``knowledge`` is a small
    made-up release; give another one to test a tool that needs more.

    A tool is never asked to rank a query without observed terms: the case flow and the bench answer that
    themselves ("no phenotype given").

    Attributes
    ----------
    tool
        The tool under test.
    """

    tool: PhenotypeTool
    task = TASK

    @property
    def knowledge(self) -> HpoKnowledge:
        """The release the tests work on."""
        return small_knowledge()

    @property
    def queries(self) -> tuple[Query, ...]:
        """Queries over :attr:`knowledge`: one sign or several, with and without exclusions, sex and age."""
        number = self.knowledge.ontology.number

        def query(*observed: str, excluded: tuple[str, ...] = ()) -> Query:
            return Query(
                observed=tuple(number[term] for term in observed),
                excluded=tuple(number[term] for term in excluded),
            )

        several = query("HP:0001250", "HP:0002616", "HP:0001263", excluded=("HP:0000518", "HP:0001166"))
        return (
            query("HP:0001250"),
            query("HP:0000118"),
            several,
            replace(several, sex="female", age_years=3.0),
            replace(query("HP:0000618", "HP:0001251"), sex="male", onset_years=70.0, age_years=75.0),
        )

    def prepared(self) -> PhenotypeRanker:
        """Return the tool prepared for :attr:`knowledge`."""
        return self.tool.prepare(self.knowledge)

    def questions(self) -> tuple[Query, ...]:
        """Return the queries."""
        return self.queries

    def answer(self, prepared: PhenotypeRanker, question: Query) -> bytes:
        """Return the scores, and the explanations of the leading groups."""
        scores = prepared.rank(question)
        parts = [prepared.explain(question, group) for group in scores.best(_EXPLAINED).tolist()]
        return scores.score.tobytes() + repr(parts).encode()

    def shared(self) -> str:
        """Return a fingerprint of the knowledge."""
        return _fingerprint(self.knowledge)

    def test_one_score_for_each_group(self) -> None:
        """Every group of linked diseases has a score: finite, or ``-inf`` when it is not a candidate."""
        groups = len(self.knowledge.diseases.members)
        ranker = self.tool.prepare(self.knowledge)
        for query in self.queries:
            score = ranker.rank(query).score
            assert isinstance(score, np.ndarray), "score is not an array"
            assert score.shape == (groups,), f"score has shape {score.shape}, wanted ({groups},)"
            assert not np.isnan(score).any(), "a score is NaN; use -inf for what is not a candidate"
            assert not np.isposinf(score).any(), "a score is +inf"
            assert np.isfinite(score).any(), "no group is a candidate"

    def test_order_of_terms_does_not_matter(self) -> None:
        """The order in which signs were written down is no finding."""
        ranker = self.tool.prepare(self.knowledge)
        for query in self.queries:
            turned = replace(query, observed=query.observed[::-1], excluded=query.excluded[::-1])
            there, back = ranker.rank(query).score, ranker.rank(turned).score
            assert np.allclose(there, back, rtol=1e-5, atol=1e-6), "the order of the terms changes scores"

    def test_training_is_declared_or_not(self) -> None:
        """What it was trained on is a trace, or ``None``; where there is one, the card names the data."""
        trace = self.tool.trained_on()
        assert trace is None or isinstance(trace, TrainingTrace), (
            "trained_on() gives neither a trace nor None"
        )
        if trace is not None and (trace.publications or trace.patients):
            assert self.tool.card.training_data, "cases are declared, and the card names no training data"

    def test_probabilities(self) -> None:
        """Where there are probabilities, each is one, and together they are at most one."""
        ranker = self.tool.prepare(self.knowledge)
        for query in self.queries:
            scores = ranker.rank(query)
            if scores.probability is None:
                continue
            assert scores.probability.shape == scores.score.shape, "one probability a group is wanted"
            assert (scores.probability >= 0).all(), "a probability is below 0"
            assert (scores.probability <= 1).all(), "a probability is above 1"
            assert scores.probability.sum() <= 1 + 1e-9, "the probabilities sum to more than 1"
            absent = scores.probability[~np.isfinite(scores.score)]
            assert not absent.any(), "a group that is not a candidate has a probability"
            order = np.argsort(-scores.score, kind="stable")
            falling = np.diff(scores.probability[order]) <= 1e-12
            assert falling.all(), "a better score has a lower probability"

    def test_on_changed_knowledge(self) -> None:
        """``on`` gives what preparing the tool on the changed knowledge gives.

        The bench takes a case's own publication out with it: a tool that does not notice that rows are gone
        reports contaminated figures as clean ones. A tool may keep the background of the whole release: as
        much as preparing anew moves the diseases that were left alone, ``on`` may be off.
        """
        knowledge = self.knowledge
        ranker = self.tool.prepare(knowledge)
        before = [ranker.rank(query).score for query in self.queries]
        for rows in self._replacements():
            changed = knowledge.with_replaced(rows)
            quick, anew = ranker.on(changed), self.tool.prepare(materialised(changed))
            touched = np.zeros(len(knowledge.diseases.members), dtype=np.bool_)
            touched[knowledge.diseases.group[list(rows)]] = True
            for query, base in zip(self.queries, before, strict=True):
                found, wanted = quick.rank(query).score, anew.rank(query).score
                candidates = np.isfinite(found)
                assert np.array_equal(candidates, np.isfinite(wanted)), "on() has other candidates"
                still = candidates & ~touched
                drift = np.abs(base[still] - wanted[still]).max(initial=0.0)
                off = np.abs(found[candidates] - wanted[candidates]).max(initial=0.0)
                scale = np.abs(wanted[candidates]).max(initial=1.0)
                assert off <= 2 * drift + 1e-5 * scale, (
                    f"on() gives a score that is {off:g} from what preparing anew gives; the diseases whose rows "
                    f"did not change moved by {drift:g} at most"
                )
        after = [ranker.rank(query).score for query in self.queries]
        unchanged = all(np.array_equal(b, a) for b, a in zip(before, after, strict=True))
        assert unchanged, "on() changed the ranker it was called on"

    def test_explanations_add_up(self) -> None:
        """Where a tool explains, its parts sum to the log10 likelihood ratio that it states."""
        ranker = self.tool.prepare(self.knowledge)
        rows = next(iter(self._replacements()))
        for ready in (ranker, ranker.on(self.knowledge.with_replaced(rows))):
            for query in self.queries:
                scores = ready.rank(query)
                for group in scores.best(_EXPLAINED).tolist():
                    parts = ready.explain(query, group)
                    assert all(part.sentence.strip() for part in parts), "a contribution has no sentence"
                    signs = {p.term for p in parts if p.kind in {"observed", "excluded"}}
                    strange = signs - {*query.observed, *query.excluded}
                    assert not strange, "a contribution is of a term that is not in the query"
                    if not parts or scores.log10_likelihood_ratio is None:
                        continue
                    total = sum(part.log10_likelihood_ratio for part in parts)
                    stated = float(scores.log10_likelihood_ratio[group])
                    assert abs(total - stated) < 1e-4, f"parts sum to {total:.6f}, stated is {stated:.6f}"

    def _replacements(self) -> list[dict[int, Rows]]:
        """Rows taken out of a disease: those of its first sign, of inheritance and course, and all."""
        knowledge = self.knowledge
        disease = {int(d) for d in np.unique(knowledge.annotations.rows["disease"])[:4]}
        changes: list[dict[int, Rows]] = []
        for d in sorted(disease):
            rows = knowledge.annotations.of(d)
            changes += [
                {d: rows[rows["term"] != rows["term"][0]]},
                {d: rows[rows["aspect"] == Aspect.PHENOTYPE]},
                {d: rows[:0]},
            ]
        return changes


def _fingerprint(knowledge: HpoKnowledge) -> str:
    found = sha256()
    ontology, annotations, diseases = knowledge.ontology, knowledge.annotations, knowledge.diseases
    for array in (ontology.ancestor_start, ontology.ancestor_terms, annotations.rows, annotations.start):
        found.update(np.ascontiguousarray(array).tobytes())
    tables: tuple[pl.DataFrame, ...] = (ontology.terms, annotations.references, diseases.entries)
    for table in (*tables, diseases.gene_links):
        found.update(table.write_csv().encode() if not _nested(table) else repr(table.rows()).encode())
    found.update(repr(sorted(annotations.replaced)).encode())
    return found.hexdigest()


def _nested(table: pl.DataFrame) -> bool:
    return any(dtype.is_nested() for dtype in table.dtypes)
