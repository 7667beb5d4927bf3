"""The bench port of a ranking task: what the bench asks of a task so that it can run any tool of it.

The bench knows cases, groups, levels and ranks; what a case holds, and what a regime takes out of the knowledge,
is the task's own business. A task fills this port; ``genopraxis.bench`` runs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.leakage import LeakReport
from genopraxis.contracts.patient import Repair
from genopraxis.contracts.provenance import DataRelease
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Perturbation, Regime
from genopraxis.contracts.tool import Tool


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingCase:
    """One benchmark case.

    Parameters
    ----------
    case_id
        Identifier of the case.
    group
        Cases of one group are not independent, e.g. a publication; ``None``: a group of its own.
    truths
        By level, every identifier that counts as right. A level without a truth is left out.
    content
        What the task needs of the case. The task alone decides how much of it a tool sees.
    """

    case_id: str
    group: str | None
    truths: Mapping[str, tuple[str, ...]]
    content: Any = None


@dataclass(frozen=True, kw_only=True)
class RankingDataset:
    """The cases of a dataset, its digest, what was repaired or left out, and its datasheet where it has one."""

    cases: tuple[RankingCase, ...]
    digest: DatasetDigest
    repairs: tuple[Repair, ...] = ()
    datasheet: Datasheet | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedCase:
    """A case made ready for one release of knowledge.

    Parameters
    ----------
    content
        What the task needs to rank the case; it may go to another process.
    repairs
        What was changed to make it.
    """

    case: RankingCase
    content: Any
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PerturbationKind:
    """A way to change cases that a task offers, to see how a tool bears it.

    Parameters
    ----------
    name
        As on the command line.
    meaning
        What is done to each case, in one sentence or two.
    level
        What its level is, e.g. ``share of the terms``; ``None``: it has no level.
    lowest, highest
        Limits of the level, both allowed.
    whole
        Whether the level is a whole number.
    """

    name: str
    meaning: str
    level: str | None
    lowest: float = 0.0
    highest: float = 1.0
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class PreparedDataset:
    """The cases of a dataset made ready for one release of knowledge, those of one group together.

    Parameters
    ----------
    knowledge
        Name of the release.
    releases
        What the release consists of.
    content
        What the task needs besides, for strata and notices; it stays in this process.
    perturbations, seed
        How the cases were changed, and the seed of what was drawn; none: not at all.
    """

    cases: tuple[PreparedCase, ...]
    dataset: RankingDataset
    knowledge: str
    releases: tuple[DataRelease, ...]
    content: Any = None
    perturbations: tuple[Perturbation, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class RankedCases:
    """What one tool answered to some cases in one regime.

    Parameters
    ----------
    predictions
        A ``genopraxis.ranking/1`` table, best first within a case and level: the first candidates, and with
        ``listed`` false every truth that stands below them or shares the place of one of them.
    candidates
        A ``genopraxis.candidate-counts/1`` table; a case that is not in it had no candidate.
    seconds
        What the tool took, the making of tables not counted.
    """

    predictions: pl.DataFrame
    candidates: pl.DataFrame
    seconds: float


class RankingBench(Protocol):
    """What a ranking task does for the bench. An instance goes to worker processes: it must be picklable."""

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """The regimes that the task offers, from least to most taken out of the knowledge."""

    @property
    def perturbations(self) -> tuple[PerturbationKind, ...]:
        """The ways in which the task can change its cases, in the order in which they are applied; may be none."""

    def read(self, paths: Sequence[str], *, name: str) -> RankingDataset:
        """Read benchmark cases: one file or folder that a user named, or the files of a registered dataset.

        Raises
        ------
        InputError
            When there is no case with a known answer, or a file is damaged.
        """

    def prepare(
        self,
        dataset: RankingDataset,
        *,
        knowledge: str,
        counts: str | None,
        perturbations: Sequence[Perturbation] = (),
        seed: int = 0,
    ) -> PreparedDataset:
        """Make every case ready for a release.

        Parameters
        ----------
        knowledge
            Name of the release.
        counts
            A file written from :meth:`contributions` of a larger dataset, where this one holds only a part of
            each group.
        perturbations
            How to change what a tool sees of each case, of the kinds that the task offers and in their order.
            Truth, group and all that a case gave to the knowledge stay those of the case as it is.
        seed
            Of what is drawn at random for it. What happens to a case is a function of the seed, the case and
            the dataset, not of the order of the cases.
        """

    def ready(self, tool: Tool, *, knowledge: str) -> Any:
        """Make a tool ready for a release; the bench does it once a process, and hands the result to `rank`."""

    def rank(self, ready: Any, cases: Sequence[PreparedCase], *, regime: str, top: int) -> RankedCases:
        """Rank cases, whole groups of them, in one regime; keep the first ``top`` candidates and every truth.

        Whatever the tool raises may be let through: the bench then asks again case by case.
        """

    def strata(self, prepared: PreparedDataset) -> pl.DataFrame:
        """Return the strata of each case as a ``genopraxis.case-strata/1`` table."""

    def notices(self, prepared: PreparedDataset, *, regimes: Sequence[str]) -> tuple[Notice, ...]:
        """Return what a reader of the figures must know: repairs, misses by construction."""

    def contributions(self, prepared: PreparedDataset) -> pl.DataFrame:
        """Return what each group gave to the knowledge, as :meth:`prepare` reads it.

        Raises
        ------
        InputError
            When the task has no use for such a table.
        """

    def leaks(self, prepared: PreparedDataset, *, tools: Sequence[Tool]) -> LeakReport:
        """Look for cases that the knowledge, the dataset itself or the training of a tool knows already.

        Raises
        ------
        PluginError
            When a tool cannot say what it was trained on.
        """

    def excerpt(self, path: str, case_ids: Collection[str]) -> Iterator[bytes] | None:
        """Yield the part of a case-per-line file that holds these cases, byte for byte.

        ``None``: it is not such a file, e.g. a folder.
        """
