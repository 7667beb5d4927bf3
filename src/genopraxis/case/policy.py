"""The ports of research use: every tool may run, nothing is recorded; governance and equity put in theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genopraxis.contracts.cards import Datasheet, ToolCard
from genopraxis.contracts.patient import Patient
from genopraxis.contracts.ports import GroupStanding, Ports, Purpose
from genopraxis.contracts.provenance import Provenance

RESEARCH_BANNER = (
    "Research use only. This tool version is not approved for clinical use here. Do not base a diagnosis or a "
    "treatment on it alone."
)
NOT_RUN_BANNER = "Not run: this tool version may not be used for this case."


@dataclass(frozen=True)
class ResearchUse:
    """Every tool may run; every result carries the banner."""

    def allow(self, card: ToolCard, *, task: str, patient: Patient) -> str:  # noqa: ARG002 - the port's signature
        """Return the research-use banner."""
        return RESEARCH_BANNER


@dataclass(frozen=True)
class RecordNothing:
    """No registry is configured."""

    def record(self, event: str, payload: Mapping[str, Any], provenance: Provenance | None) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class AnyDataset:
    """No registry says what a dataset may be used for; its user answers for it."""

    def check(self, dataset: Datasheet | str, *, purpose: Purpose) -> None:
        """Allow it."""


@dataclass(frozen=True)
class NothingMeasured:
    """No audit is at hand: nothing is said about any group."""

    def of(self, card: ToolCard, *, task: str, patient: Patient) -> tuple[GroupStanding, ...]:  # noqa: ARG002
        """Return no standing."""
        return ()


RESEARCH_USE = Ports(
    policy=ResearchUse(),
    recorder=RecordNothing(),
    dataset_gate=AnyDataset(),
    representation=NothingMeasured(),
)
