"""The knowledge of a bench run, loaded once a process whatever the number of tools."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.knowledge.releases import release_folder
from genopraxis.knowledge.store import MANIFEST
from genopraxis.tasks.phenotype.ranking import GeneIndex


@dataclass(frozen=True, kw_only=True)
class LoadedKnowledge:
    """A release, and which of its diseases speak for which gene."""

    knowledge: HpoKnowledge
    genes: GeneIndex


_Key = tuple[str, str]
_LOADED: dict[_Key, LoadedKnowledge] = {}


def load_once(name: str) -> LoadedKnowledge:
    """Load a release with the shipped case library, or return the one that this process holds already.

    A release is known by its folder and the digest of its manifest: one of the same name that was built anew, or
    that lies in another folder, is another release.
    """
    key = _key(name)
    if key not in _LOADED:
        # never a site's own patients: a figure must be one that others can get too
        knowledge = load_knowledge(name, library="shipped").knowledge
        loaded = LoadedKnowledge(knowledge=knowledge, genes=GeneIndex(knowledge.diseases))
        # one at a time: a release takes hundreds of megabytes
        _LOADED.clear()
        # the first use of the embedded release compiles it, and only then it has a manifest
        _LOADED[_key(name)] = loaded
        return loaded
    return _LOADED[key]


def _key(name: str) -> _Key:
    folder = release_folder(name)
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError:
        manifest = b""
    return str(folder), hashlib.sha256(manifest).hexdigest()
