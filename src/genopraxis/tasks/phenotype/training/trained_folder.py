"""The folder that training leaves: a model for each fold, and what they were trained on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.files import atomic_file, digest
from genopraxis.knowledge.releases import load_release
from genopraxis.tasks.phenotype.ranker_model import MANIFEST, Model, read_model, write_model
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.case_set import Source

FOLDS, TRAINING, PREDICTIONS = "folds", "training.json", "cross-validated.parquet"
_AGAIN = "run genopraxis tools train phenotype.ranker"


class TrainingRun(Document):
    """What the models of the folds were trained on."""

    schema_id: ClassVar[str] = "genopraxis.ranker-training/1"

    version: str = Field(description="of phenotype.ranker")
    knowledge: str = Field(description="name of the release")
    releases: tuple[DataRelease, ...] = Field(description="what the release consists of")
    cases: Sha256 = Field(description="of the file of cases")
    folds: int = Field(ge=2)
    files: dict[str, Sha256] = Field(description="manifests of the folds' models, and the predictions")


@dataclass(frozen=True, kw_only=True)
class TrainedFolder:
    """The models of all folds, with the file of cases that they were trained on.

    Parameters
    ----------
    folder
        Where the models are.
    cases
        The file of cases.
    run
        How they were trained.
    """

    folder: Path
    cases: Path
    run: TrainingRun

    @property
    def folds(self) -> range:
        """The numbers of the folds."""
        return range(self.run.folds)

    def source(self, fold: int) -> Source:
        """Return what the model of a fold was made from, the fold held out."""
        return Source(
            cases=str(self.cases), knowledge=self.run.knowledge, folds=self.run.folds, held_out=fold
        )

    def model(self, fold: int) -> Model:
        """Read the model of a fold.

        Raises
        ------
        InputError
            When it is missing or damaged.
        """
        return read_model(fold_folder(self.folder, fold))


def read_trained(folder: Path, *, cases: Path) -> TrainedFolder:
    """Return the models that ``genopraxis tools train phenotype.ranker`` made from a file of cases.

    Raises
    ------
    InputError
        When training has not come to its end there, or was on other cases: one of them may have been learned from.
    """
    try:
        run = TrainingRun.from_mapping(json.loads((folder / TRAINING).read_bytes()), where=TRAINING)
    except (OSError, ValueError, ContractError) as error:
        raise InputError(
            f"holds no trained ranker: {TRAINING}, which training writes last, is missing or damaged",
            where=str(folder),
            hint=_AGAIN,
        ) from error
    if digest(cases).sha256 != run.cases:
        raise InputError(
            "is not the file that the ranker was trained on, whose cases would go to the tool of their fold",
            where=str(cases),
        )
    for name, sha256 in run.files.items():
        if not (folder / name).is_file() or digest(folder / name).sha256 != sha256:
            raise InputError(f"{name} is missing, or not as training left it", where=str(folder), hint=_AGAIN)
    if load_release(run.knowledge).knowledge.releases != run.releases:
        raise InputError(
            f"was trained on another state of the knowledge release {run.knowledge!r}",
            where=str(folder),
            hint=_AGAIN,
        )
    return TrainedFolder(folder=folder, cases=cases, run=run)


def start_training(folder: Path) -> None:
    """Take back what an earlier training said of the folder."""
    (folder / TRAINING).unlink(missing_ok=True)


def save_fold(model: Model, folder: Path, *, fold: int) -> None:
    """Write the model of a fold below ``folder``."""
    own = fold_folder(folder, fold)
    own.mkdir(parents=True, exist_ok=True)
    write_model(model, own, version=RankerTool.card.version)


def end_training(folder: Path, *, knowledge: str, cases: Sha256, folds: int) -> None:
    """Say what all models of the folder were trained on; the last thing that training does.

    Parameters
    ----------
    knowledge
        Name of the release.
    cases
        Digest of the file of cases, taken before it was read.
    """
    files = [Path(FOLDS, str(fold), MANIFEST) for fold in range(folds)] + [Path(PREDICTIONS)]
    run = TrainingRun(
        version=RankerTool.card.version,
        knowledge=knowledge,
        releases=load_release(knowledge).knowledge.releases,
        cases=cases,
        folds=folds,
        files={path.as_posix(): digest(folder / path).sha256 for path in files},
    )
    with atomic_file(folder / TRAINING) as temporary:
        temporary.write_text(run.to_json(), encoding="utf-8")


def fold_folder(folder: Path, fold: int) -> Path:
    """Return where the model of a fold is."""
    return folder / FOLDS / str(fold)
