"""Ports: what a lower room needs from a higher one, handed in by whoever starts the work.

``case`` and ``bench`` ask a policy, a recorder, a dataset gate and a representation provider; ``governance`` and
``equity`` implement them, ``cli`` and ``web`` wire them. The defaults for research use are in
:mod:`genopraxis.case.policy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import Field

from genopraxis.contracts.cards import Datasheet, Sha256, ToolCard
from genopraxis.contracts.document import Part
from genopraxis.contracts.patient import Patient
from genopraxis.contracts.provenance import Provenance

Purpose = Literal["benchmark", "training", "calibration", "clinical"]
Standing = Literal["well", "poorly", "absent", "not_measured"]


class Policy(Protocol):
    """Whether a tool version may run on a case. It is asked in the process that runs the case: picklable."""

    def allow(self, card: ToolCard, *, task: str, patient: Patient) -> str:
        """Return the banner to print on the result.

        Raises
        ------
        RefusedError
            With every reason, when the tool may not run.
        """


class Recorder(Protocol):
    """Where a finished run or case is noted down. It is called in the process that started the work, in order."""

    def record(self, event: str, payload: Mapping[str, Any], provenance: Provenance | None) -> None:
        """Note one event.

        Parameters
        ----------
        event
            ``case`` or ``run``.
        payload
            Plain values; no identifier of a patient but the case id.
        provenance
            Of the result; ``None`` when there is none because nothing was run.
        """


class DatasetGate(Protocol):
    """Whether a dataset may be used for a purpose."""

    def check(self, dataset: Datasheet | Sha256, *, purpose: Purpose) -> None:
        """Return when it may be used.

        Parameters
        ----------
        dataset
            The datasheet, or the sha256 of a file that came without one.

        Raises
        ------
        RefusedError
            With every reason, when it may not.
        """


class GroupStanding(Part):
    """How well one group of people is represented in the data behind a tool."""

    axis: str = Field(description="e.g. sex, age_group")
    group: str = Field(description="e.g. female, infant")
    standing: Standing = Field(description="not_measured is no statement about the group")
    n: int | None = Field(description="records of this group; null: not known")
    sentence: str = Field(description="what a clinician reads")


class Representation(Protocol):
    """How well the groups of a patient are represented in the data behind a tool. Picklable, as a policy."""

    def of(self, card: ToolCard, *, task: str, patient: Patient) -> tuple[GroupStanding, ...]:
        """Return one standing an axis that is measured; empty when none is."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All ports, as one value that goes along with the work.

    Policy and representation go to the processes that do the work; the recorder and the dataset gate stay.
    """

    policy: Policy
    recorder: Recorder
    dataset_gate: DatasetGate
    representation: Representation
