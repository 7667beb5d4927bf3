"""JSON and YAML text as plain data, strictly: what two programs could read in two ways is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from typing import Any, NoReturn

import yaml

from genopraxis.contracts.errors import InputError

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

# far above any document of the field, far below what hurts
DEPTH_LIMIT = 100
NODE_LIMIT = 5_000_000
YAML_LIMIT = 32 * 1024**2

_AGAIN = "copy or export the file again"


class _DuplicateKeyError(ValueError):
    """A key occurs twice in one object."""


class _ConstantError(ValueError):
    """NaN or Infinity, which JSON does not have."""


def parse_json(text: str, *, where: str) -> Any:
    """Return the data of one JSON document.

    Raises
    ------
    InputError
        Not JSON (with line and column), a repeated key, NaN or Infinity, nested too deeply, or a broken
        character.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise InputError(
                f"the JSON text ends too early ({position})", where=where, hint=_AGAIN
            ) from error
        if error.msg == "Extra data":
            raise InputError(
                f"more text follows the JSON document ({position})",
                where=where,
                hint="one document a file is expected",
            ) from error
        raise InputError(f"not valid JSON: {error.msg} ({position})", where=where, hint=_AGAIN) from error
    except RecursionError as error:
        raise _too_deep(where) from error
    except _DuplicateKeyError as error:
        raise InputError(
            f"the key {str(error)!r} occurs twice in one object", where=where, hint="keep one of the two"
        ) from error
    except _ConstantError as error:
        raise InputError(
            f"{error} is not a JSON value", where=where, hint="leave out a value that is not known"
        ) from error
    except ValueError as error:  # an integer of thousands of digits
        raise InputError("a number is too long to be read", where=where, hint=_AGAIN) from error
    _check(data, where=where)
    return data


def parse_yaml(text: str, *, where: str) -> Any:
    """Return the data of one YAML document; numbers and dates stay text.

    Only ``true``, ``false`` and ``null`` are not text: a schema knows better than YAML 1.1 what ``NO``,
    ``0123`` or ``2024-01-01`` mean.

    Raises
    ------
    InputError
        Not YAML (with line and column), a repeated key, nested too deeply, or references that multiply.
    """
    if len(text) > YAML_LIMIT:
        raise InputError(
            f"holds more than {YAML_LIMIT // 1024**2} MiB of YAML",
            where=where,
            hint="use JSON or protobuf for large files",
        )
    try:
        _refuse_deep_yaml(text, where=where)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from the safe loader
    except _DuplicateKeyError as error:
        raise InputError(
            f"the key {str(error)!r} occurs twice in one mapping", where=where, hint="keep one of the two"
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise InputError(
            f"not valid YAML: {error.problem or error.context}{position}", where=where, hint=_AGAIN
        ) from error
    except yaml.YAMLError as error:
        raise InputError(
            "not valid YAML: a character that YAML does not allow", where=where, hint=_AGAIN
        ) from error
    except RecursionError as error:
        raise _too_deep(where) from error
    except ValueError as error:  # an explicit tag on a text that is not of that type
        raise InputError(
            "not valid YAML: a value does not fit its tag", where=where, hint="remove the tags"
        ) from error
    _check(data, where=where)
    return data


class _Loader(_SafeLoader):
    """The safe loader, without the guesses of YAML 1.1 and with unique keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _DuplicateKeyError(key.value)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)


def _refuse_deep_yaml(text: str, *, where: str) -> None:
    # libyaml's composer recurses in C, where deep nesting ends the process; its events come one by one
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise _too_deep(where)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _check(data: object, *, where: str) -> None:
    # a loop, not recursion; shared YAML references are walked each time, so that their multiplication is seen
    stack: list[tuple[object, int]] = [(data, 0)]
    visited = 0
    while stack:
        value, depth = stack.pop()
        visited += 1
        if depth > DEPTH_LIMIT:
            raise _too_deep(where)
        if visited > NODE_LIMIT:
            raise InputError(
                f"holds more than {NODE_LIMIT:,} values",
                where=where,
                hint="is this the right file? Split it if it is",
            )
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise InputError(f"a key is not text: {key!r}", where=where, hint="write keys as text")
                stack.append((key, depth + 1))
                stack.append((item, depth + 1))
        elif isinstance(value, list):
            stack.extend((item, depth + 1) for item in value)
        elif isinstance(value, str):
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise InputError("a text holds half a character (a lone surrogate)", where=where, hint=_AGAIN)
        elif value is not None and not isinstance(value, (bool, int, float)):
            raise InputError(
                f"a value has a type that is not allowed here ({type(value).__name__})",
                where=where,
                hint="remove the tags",
            )


def _too_deep(where: str) -> InputError:
    return InputError("the document is nested too deeply", where=where, hint="is this the right file?")
