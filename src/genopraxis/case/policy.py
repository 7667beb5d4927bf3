"""The default policy and recorder: research use, nothing recorded. Governance puts its own in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.provenance import Provenance

RESEARCH_BANNER = (
    "Research use only. This tool version is not approved for clinical use here. Do not base a diagnosis or a "
    "treatment on it alone."
)


class ResearchUse:
    """Every tool may run; every result carries the banner."""

    def allow(self, card: ToolCard, *, case_id: str) -> str:  # noqa: ARG002 - the port's signature
        """Return the research-use banner."""
        return RESEARCH_BANNER


class RecordNothing:
    """No registry is configured."""

    def record(self, event: str, payload: Mapping[str, Any], provenance: Provenance) -> None:
        """Do nothing."""
