"""Small documents of other kinds: tool cards and scorecards, through the same strict parsers."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from genopraxis.contracts.errors import InputError
from genopraxis.formats.plain_data import parse_yaml, read_document


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card.json", '{"a": [1, -0.5, 1e-3, true, null, "x"]}'),
        ("card", '{"a": [1, -0.5, 1e-3, true, null, "x"]}'),
        ("card.yaml", "a: [1, -0.5, 1e-3, true, null, x]"),
        ("card.YML", "a: [1, -0.5, 1e-3, true, null, 'x']"),
        ("card.txt", "a:\n- 1\n- -0.5\n- 1e-3\n- true\n- ~\n- x"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_json_and_yaml_give_the_same(tmp_path: Path, name: str, text: str, packed: bool) -> None:
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    found = read_document(path)
    assert found == {"a": [1, -0.5, 1e-3, True, None, "x"]}
    assert [type(value) for value in found["a"]] == [int, float, float, bool, type(None), str]


@pytest.mark.parametrize(
    "text", ["0123", "1_000", "0x1F", "2024-01-01", "1:30", "NO", ".5", "1.", ".inf", ".nan", "+1", "\u0661"]
)
def test_what_json_would_not_read_as_a_number_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(f"a: {text}", encoding="utf-8")
    assert read_document(path) == {"a": text}
    assert parse_yaml("a: 12", where="here") == {"a": "12"}, "a phenopacket has its own types"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.json", "[" * 100_000, "nested too deeply"),
        ("c.yaml", "[" * 100_000, "nested too deeply|not valid YAML"),
        ("c.json", '{"a": 1, "a": 2}', "a key occurs twice"),
        ("c.json", '{"a": 1e999}', "a number is too large"),
        ("c.yaml", "a: 1e999", "a number is too large"),
        ("c.yaml", "a: " + "9" * 5000, "a value cannot be read"),
        ("c.yaml", "a: !!timestamp 2020-01-01", "a tag"),
        ("c.yaml", "a: &a {b: c}\nd: {<<: *a}", "a merge key"),
        ("c.json", '{"a": "' + "x" * 2 * 1024**2 + '"}', "more than 1 MiB"),
        ("c.json", "", "empty"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_document(path)
    assert caught.value.where == str(path)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"a": 1}')
    with pytest.raises(InputError, match="more than 4 bytes"):
        read_document(path, limit_bytes=4)


def test_references_within_the_budget_are_followed() -> None:
    found: Any = parse_yaml("a: &a [x, y]\nb: [*a, *a]\nc: &z z\nd: *z", where="here")
    assert found == {"a": ["x", "y"], "b": [["x", "y"]] * 2, "c": "z", "d": "z"}
