"""``genopraxis tools``."""

from __future__ import annotations

import json

import pytest

from genopraxis.contracts.cards import ToolCard
from genopraxis.plugins import TOOLS, load_tool, names
from running import Cli


def test_list(cli: Cli) -> None:
    found = cli("tools", "list").done()
    for name in names(TOOLS):
        assert name in found.out
    assert "Apache-2.0" in found.out


@pytest.mark.parametrize("tool", names(TOOLS))
def test_show_is_the_card_as_json(cli: Cli, tool: str) -> None:
    found = cli("tools", "show", tool).done()
    assert found.err == ""
    assert ToolCard.from_mapping(json.loads(found.out), where="stdout") == load_tool(tool).card


def test_show_of_what_is_not_there(cli: Cli) -> None:
    found = cli("tools", "show", "phenotype.nothing").refused("phenotype.nothing")
    assert found.out == ""
