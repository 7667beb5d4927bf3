"""A tool as the registry sees it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from genopraxis.contracts.cards import ToolCard


@runtime_checkable
class Tool(Protocol):
    """A tool as the registry sees it. How it is called is the contract of its task."""

    @property
    def card(self) -> ToolCard:
        """The tool card."""
