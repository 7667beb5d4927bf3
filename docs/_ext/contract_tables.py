"""Directives that print contracts as tables, so that the documentation says what the code says.

``contract-columns:: MODULE:NAME``
    The columns of a table contract.
``document-fields:: MODULE:CLASS``
    The fields of a document or of a part of one.
``parameters:: MODULE:CLASS``
    The fields of a dataclass with their defaults, described by its docstring.
``exit-codes::``
    What the command line ends with.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, ClassVar, TypeAlias

from docutils import nodes
from docutils.parsers.rst import Directive
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sphinx.application import Sphinx

from genopraxis.contracts.document import Document
from genopraxis.contracts.table import Column, TableContract

Cell: TypeAlias = str | nodes.Node


def find(target: str) -> Any:
    """Return the object that ``module:name`` stands for."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, widths: Sequence[int]) -> nodes.table:
    """Return a docutils table; a cell is text or a node."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
    group += nodes.thead("", _row([nodes.Text(name) for name in header]))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group)


def _row(cells: Sequence[Cell]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        inner = nodes.Text(cell) if isinstance(cell, str) else cell
        row += nodes.entry("", nodes.paragraph("", "", inner))
    return row


def _code(text: str) -> nodes.literal:
    return nodes.literal("", text)


def type_name(annotation: Any) -> str:
    """Return a type as a reader of JSON thinks of it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is type(None):
        return "null"
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin is typing.Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " | ".join(type_name(argument) for argument in arguments)
    if origin in {tuple, list}:
        return f"list of {type_name(arguments[0])}"
    if origin is dict:
        return f"mapping of {type_name(arguments[0])} to {type_name(arguments[1])}"
    names = {"str": "text", "int": "integer", "float": "number", "bool": "true | false"}
    name = getattr(annotation, "__name__", str(annotation))
    return names.get(name, name)


class _Printer(Directive):
    """A directive that names one object."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Print it."""
        return self.print(find(self.arguments[0]))

    def print(self, found: Any) -> list[nodes.Node]:
        """Return the nodes for the object."""
        raise NotImplementedError


class ContractColumns(_Printer):
    """Print the columns of a table contract."""

    def print(self, found: TableContract) -> list[nodes.Node]:
        """Return what the table is, and a row for each column."""
        rows = [
            (_code(column.name), str(column.dtype), _needed(column), _described(column))
            for column in found.columns
        ]
        said: list[nodes.Node] = [
            nodes.paragraph("", "", _code(found.schema_id), nodes.Text(f": {found.description}"))
        ]
        if found.key:
            said.append(nodes.paragraph("", f"One row for each {', '.join(found.key)}."))
        return [
            *said,
            table(["column", "type", "must be there", "meaning"], rows, widths=[18, 18, 16, 48]),
        ]


def _needed(column: Column) -> str:
    if not column.required:
        return "no"
    return "yes, may be empty" if column.nullable else "yes"


def _described(column: Column) -> str:
    limits = [
        f"from {column.minimum:g}" if column.minimum is not None else "",
        f"to {column.maximum:g}" if column.maximum is not None else "",
        f"one of {', '.join(column.allowed)}" if column.allowed else "",
    ]
    said = " ".join(text for text in limits if text)
    return f"{column.description} ({said})" if said else column.description


class DocumentFields(_Printer):
    """Print the fields of a pydantic model."""

    def print(self, found: type[BaseModel]) -> list[nodes.Node]:
        """Return what the document is, and a row for each field."""
        rows = []
        for name, field in found.model_fields.items():
            default = field.default
            if field.is_required():
                given = "always"
            elif default is PydanticUndefined or default in (None, (), ""):
                given = "may be empty"
            else:
                given = f"default {default}"
            rows.append((_code(name), type_name(field.annotation), given, field.description or ""))
        summary = inspect.cleandoc(found.__doc__ or "").partition("\n")[0]
        lead: list[nodes.Node] = []
        if issubclass(found, Document):
            lead = [_code(found.schema_id), nodes.Text(": ")]
        return [
            nodes.paragraph("", "", *lead, nodes.Text(summary)),
            table(["field", "type", "given", "meaning"], rows, widths=[22, 26, 18, 34]),
        ]


class Parameters(_Printer):
    """Print the fields of a dataclass with their defaults."""

    def print(self, found: type) -> list[nodes.Node]:
        """Return a row for each field; a nested dataclass has a table of its own."""
        meaning = _numpy_parameters(inspect.cleandoc(found.__doc__ or ""))
        rows = [
            (_code(field.name), str(field.default), meaning.get(field.name, ""))
            for field in dataclasses.fields(found)
            if field.default is not dataclasses.MISSING
        ]
        return [table(["parameter", "value", "meaning"], rows, widths=[22, 10, 68])]


def _numpy_parameters(docstring: str) -> dict[str, str]:
    """Return the descriptions of a numpy docstring's parameters by name."""
    _, _, section = docstring.partition("Parameters\n----------\n")
    described: dict[str, str] = {}
    for names, text in re.findall(r"^(\S.*)\n((?:[ ]{4}.*\n?)+)", section + "\n", flags=re.MULTILINE):
        for name in names.split(","):
            described[name.strip()] = " ".join(text.replace("``", "").split())
    return described


class ExitCodes(Directive):
    """Print the exit codes of the command line."""

    def run(self) -> list[nodes.Node]:
        """Return a row for each code."""
        main = import_module("genopraxis.cli.main")
        rows = [
            (_code("0"), "Everything that was asked for is done."),
            (
                _code(str(main.EXIT_USER_ERROR)),
                (
                    "Something that you can change: input, options, a folder, missing knowledge. One message says "
                    "what, where and what to do. With many cases: at least one was not run, the others are done."
                ),
            ),
            (
                _code(str(main.EXIT_DEFECT)),
                "A fault of the program. Please report it; GENOPRAXIS_DEBUG=1 shows where it happened.",
            ),
            (_code(str(main.EXIT_INTERRUPTED)), "Stopped from the keyboard."),
        ]
        return [table(["code", "meaning"], rows, widths=[10, 90])]


_DIRECTIVES: dict[str, Callable[..., Directive]] = {
    "contract-columns": ContractColumns,
    "document-fields": DocumentFields,
    "parameters": Parameters,
    "exit-codes": ExitCodes,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    for name, directive in _DIRECTIVES.items():
        app.add_directive(name, directive)  # type: ignore[arg-type]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
