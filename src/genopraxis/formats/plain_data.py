"""JSON and YAML text as plain data, strictly: what two programs could read in two ways is an error.

A text is judged before it is built: a small file must not become more than the memory holds.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, NoReturn

import yaml

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import read_text

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

# far above any document of the field, far below what hurts
DEPTH_LIMIT = 100
NODE_LIMIT = 500_000
YAML_LIMIT = 8 * 1024**2
# a node of YAML takes ten times the memory of a value of JSON while it is read
YAML_NODE_LIMIT = 200_000
SMALL_DOCUMENT_LIMIT = 1024**2

_AGAIN = "copy or export the file again"
# every value and every key but the first follows one of these
_STRUCTURE = (b",", b":", b"[", b"{")
_STRING = re.compile(rb'"[^"]*"?')
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)


class _DuplicateKeyError(ValueError):
    """A key occurs twice in one object; the text says where, never which: a key may be anything."""


class _ConstantError(ValueError):
    """NaN or Infinity, which JSON does not have."""


def read_document(path: str | os.PathLike[str], *, limit_bytes: int = SMALL_DOCUMENT_LIMIT) -> Any:
    """Return the data of a small JSON or YAML file, such as a tool card or a scorecard.

    Unlike :func:`parse_yaml`, a number of YAML that is written as JSON writes numbers is a number.

    Parameters
    ----------
    path
        ``.json``, ``.yaml`` or ``.yml``; any other name: JSON when it begins with a brace or bracket, else YAML.
        Plain or gzip.
    limit_bytes
        Largest size after decompression.

    Raises
    ------
    InputError
        Missing, unreadable, empty, too large, not UTF-8, or as :func:`parse_json` and :func:`parse_yaml`.
    """
    where = os.fspath(path)
    text = read_text(path, limit_bytes=limit_bytes)
    suffix = Path(path).name.lower().removesuffix(".gz").rpartition(".")[2]
    if suffix == "json" or (suffix not in {"yaml", "yml"} and text.lstrip()[:1] in {"{", "["}):
        return parse_json(text, where=where)
    return parse_yaml(text, where=where, numbers=True)


def parse_json(text: str, *, where: str) -> Any:
    """Return the data of one JSON document.

    Raises
    ------
    InputError
        Not JSON (with line and column), a repeated key, NaN or Infinity, nested too deeply, too many values, or
        a broken character.
    """
    _refuse_large_json(text, where=where)
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
            f"a key occurs twice in one object ({_second_key(text)})", where=where, hint="keep one of the two"
        ) from error
    except _ConstantError as error:
        raise InputError(
            f"{error} is not a JSON value", where=where, hint="leave out a value that is not known"
        ) from error
    except ValueError as error:  # an integer of thousands of digits
        raise InputError("a number is too long to be read", where=where, hint=_AGAIN) from error
    _check(data, where=where)
    return data


def parse_yaml(text: str, *, where: str, numbers: bool = False) -> Any:
    """Return the data of one YAML document; numbers and dates stay text.

    Only ``true``, ``false`` and ``null`` are not text: a schema knows better than YAML 1.1 what ``NO``,
    ``0123`` or ``2024-01-01`` mean. Tags and merge keys are refused.

    Parameters
    ----------
    text
        The document.
    where
        The file, for messages.
    numbers
        Make a number of what JSON would write so (``3``, ``-0.5``, ``1e-3``).

    Raises
    ------
    InputError
        Not YAML (with line and column), a repeated key, a tag, a merge key, nested too deeply, or too many
        values, references counted as often as they are used.
    """
    if len(text) > YAML_LIMIT:
        raise InputError(
            f"holds more than {YAML_LIMIT // 1024**2} MiB of YAML",
            where=where,
            hint="use JSON for large files",
        )
    try:
        _judge_yaml(text, where=where)
        data = yaml.load(text, Loader=_NumberLoader if numbers else _Loader)  # noqa: S506 - derived from the safe loader
    except _DuplicateKeyError as error:
        raise InputError(
            f"a key occurs twice in one mapping{error}", where=where, hint="keep one of the two"
        ) from error
    except yaml.MarkedYAMLError as error:
        position = _position(error.problem_mark or error.context_mark)
        raise InputError(
            f"not valid YAML: {error.problem or error.context}{position}", where=where, hint=_AGAIN
        ) from error
    except yaml.YAMLError as error:
        raise InputError(
            "not valid YAML: a character that YAML does not allow", where=where, hint=_AGAIN
        ) from error
    except RecursionError as error:
        raise _too_deep(where) from error
    except (ValueError, OverflowError) as error:  # a number of thousands of digits
        raise InputError("not valid YAML: a value cannot be read", where=where, hint=_AGAIN) from error
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
                    raise _DuplicateKeyError(_position(key.start_mark))
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)


class _NumberLoader(_Loader):
    """Numbers too, as JSON writes them."""


_NumberLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)
_NumberLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
    list("-0123456789"),
)


def _refuse_large_json(text: str, *, where: str) -> None:
    # counted at the speed of C, first in everything, then outside strings
    data = text.encode("utf-8", "surrogatepass")
    if _structure(data) < NODE_LIMIT:
        return
    data = data.replace(rb"\\", b"").replace(rb"\"", b"")  # these do not end a string
    # each string is a value or a key
    if data.count(b'"') > 2 * NODE_LIMIT or _structure(_STRING.sub(b"", data)) >= NODE_LIMIT:
        raise _too_many(NODE_LIMIT, where)


def _structure(data: bytes) -> int:
    return sum(data.count(mark) for mark in _STRUCTURE)


def _second_key(text: str) -> str:
    """Return the place of the first key that occurs twice in its object."""
    objects: list[set[str] | None] = []
    key_next = False
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part in {"{", "["}:
            objects.append(set() if part == "{" else None)
            key_next = part == "{"
        elif part in {"}", "]"}:
            objects.pop()
            key_next = False
        elif part == ",":
            key_next = objects[-1] is not None
        elif key_next and (keys := objects[-1]) is not None:
            key = json.loads(part)
            if key in keys:
                column = f"column {match.start() - text.rfind(chr(10), 0, match.start())}"
                line = text.count("\n", 0, match.start()) + 1
                return f"line {line}, {column}" if "\n" in text else column
            keys.add(key)
            key_next = False
    raise AssertionError("no key occurs twice")


def _judge_yaml(text: str, *, where: str) -> None:
    """Refuse by its events alone what must not be composed.

    Tags can make any type of a text, and fail in as many ways; a merge copies what it names. libyaml's composer
    recurses in C, where deep nesting ends the process. Its events come one by one.
    """
    sizes: dict[str, int] = {}  # values below each anchor, references followed
    opened: list[tuple[str | None, int]] = []  # the anchor of each open collection, and the values before it
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            if event.tag is not None:
                raise InputError(
                    f"not valid YAML: a tag (!){_position(event.start_mark)} is not allowed here",
                    where=where,
                    hint="remove the tags",
                )
            total += 1
        if isinstance(event, yaml.ScalarEvent):
            if event.value == "<<" and event.implicit[0]:
                raise InputError(
                    f"not valid YAML: a merge key (<<){_position(event.start_mark)} is not allowed here",
                    where=where,
                    hint="write the merged keys out",
                )
            if event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, total - 1))
            if event.anchor is not None:
                sizes.pop(event.anchor, None)  # not known, and not to be referred to, before its end
            if len(opened) > DEPTH_LIMIT:
                raise _too_deep(where)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise InputError(
                    f"not valid YAML: a reference (*){_position(event.start_mark)} names nothing above it",
                    where=where,
                    hint=_AGAIN,
                )
            total += sizes[event.anchor]
        if total > YAML_NODE_LIMIT:
            raise _too_many(YAML_NODE_LIMIT, where)


def _position(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _check(data: object, *, where: str) -> None:
    # a loop, not recursion
    stack: list[tuple[object, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > DEPTH_LIMIT:
            raise _too_deep(where)
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise InputError("a key is not text", where=where, hint="write keys as text, in quotes")
                stack.append((key, depth + 1))
                stack.append((item, depth + 1))
        elif isinstance(value, list):
            stack.extend((item, depth + 1) for item in value)
        elif isinstance(value, str):
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise InputError("a text holds half a character (a lone surrogate)", where=where, hint=_AGAIN)
        elif isinstance(value, float) and not math.isfinite(value):
            raise InputError("a number is too large", where=where, hint=_AGAIN)
        elif value is not None and not isinstance(value, (bool, int, float)):
            raise InputError(
                f"a value has a type that is not allowed here ({type(value).__name__})",
                where=where,
                hint="remove the tags",
            )


def _too_many(limit: int, where: str) -> InputError:
    return InputError(
        f"holds more than {limit:,} values", where=where, hint="is this the right file? Split it if it is"
    )


def _too_deep(where: str) -> InputError:
    return InputError("the document is nested too deeply", where=where, hint="is this the right file?")
