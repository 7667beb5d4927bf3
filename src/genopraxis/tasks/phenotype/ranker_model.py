"""The model of ``phenotype.ranker``: weights and posterior, and the list of digests without which they are not read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import ClassVar

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.formats.files import atomic_file, digest
from genopraxis.tasks.phenotype.features import Candidates
from genopraxis.tasks.phenotype.posterior import Posterior

WEIGHTS, POSTERIOR, TRACE, MANIFEST = "weights.txt", "posterior.json", "training.parquet", "model.json"


class ModelManifest(Document):
    """Which files a model consists of, by digest."""

    schema_id: ClassVar[str] = "genopraxis.ranker-model/1"

    version: str
    library_gate: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    files: dict[str, Sha256]


class Model:
    """Weights and posterior.

    Parameters
    ----------
    weights
        LightGBM's text.
    library_gate
        What a disease of the case library is held back by, in units of the score: cases that are learned from mostly
        have such a disease, patients need not.
    """

    def __init__(self, weights: str, posterior: Posterior, *, library_gate: float = 0.0) -> None:
        self.text = weights
        self._booster = lgb.Booster(model_str=weights)
        self.posterior = posterior
        self.library_gate = library_gate

    def score(self, found: Candidates) -> NDArray[np.float64]:
        """Return the score of each candidate, shape (candidates,)."""
        # one thread: cohorts are spread over processes
        learned = np.asarray(self._booster.predict(found.features, num_threads=1), dtype=np.float64)
        return learned + found.against / self.posterior.slope - self.library_gate * found.in_library


def model_folder() -> Traversable:
    """Return where the package keeps the model that it ships."""
    return files("genopraxis.models").joinpath("phenotype_ranker")


def read_model(folder: Traversable) -> Model:
    """Read a model whose files are those of its manifest.

    LightGBM ends the process when its text is cut short, so that nothing is read before its digest was compared.

    Raises
    ------
    InputError
        When a file is missing, or is not the one that the manifest names.
    """
    try:
        manifest = ModelManifest.from_mapping(json.loads(_bytes(folder, MANIFEST)), where=MANIFEST)
        raw = {name: _bytes(folder, name) for name in (WEIGHTS, POSTERIOR)}
        for name, content in raw.items():
            if hashlib.sha256(content).hexdigest() != manifest.files.get(name):
                raise InputError(f"its sha256 is not that of {MANIFEST}", where=name)
        posterior = Posterior.from_mapping(json.loads(raw[POSTERIOR]), where=POSTERIOR)
    except (ValueError, ContractError) as error:
        raise InputError("holds no whole model", where=str(folder)) from error
    return Model(raw[WEIGHTS].decode("utf-8"), posterior, library_gate=manifest.library_gate)


def write_model(
    model: Model, folder: Path, *, version: str, others: Mapping[str, Path] | None = None
) -> None:
    """Write a model as :func:`read_model` reads it; the manifest comes last.

    Parameters
    ----------
    others
        Files of the folder that belong to the model too.
    """
    for name, text in ((WEIGHTS, model.text), (POSTERIOR, model.posterior.to_json())):
        with atomic_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    named = {WEIGHTS: folder / WEIGHTS, POSTERIOR: folder / POSTERIOR, **(others or {})}
    manifest = ModelManifest(
        version=version,
        library_gate=model.library_gate,
        files={name: digest(path).sha256 for name, path in named.items()},
    )
    with atomic_file(folder / MANIFEST) as temporary:
        temporary.write_text(manifest.to_json(), encoding="utf-8")


def _bytes(folder: Traversable, name: str) -> bytes:
    try:
        return folder.joinpath(name).read_bytes()
    except OSError as error:
        raise InputError("it cannot be read", where=name) from error
