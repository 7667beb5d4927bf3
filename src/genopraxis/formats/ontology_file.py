"""Ontology files: OBO and OBO-graph JSON become one table of terms."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import fastobo
import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.files import read_bytes

_LIMIT_BYTES = 1 << 30
_UNREADABLE = (SyntaxError, ValueError, OSError, KeyError, RecursionError)

TERMS = TableContract(
    name="ontology-terms",
    version=1,
    description="Terms of an ontology with their is_a parents.",
    columns=(
        Column(name="term_id", dtype=pl.String, description="e.g. HP:0001250"),
        Column(name="label", dtype=pl.String, description="preferred name"),
        Column(name="obsolete", dtype=pl.Boolean, description="withdrawn from the ontology"),
        Column(
            name="replaced_by", dtype=pl.String, description="its successor, if one is named", nullable=True
        ),
        Column(name="alternative_ids", dtype=pl.List(pl.String), description="ids merged into this term"),
        Column(name="parents", dtype=pl.List(pl.String), description="is_a parents"),
        Column(name="synonyms", dtype=pl.List(pl.String), description="other names"),
    ),
    key=("term_id",),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OntologyFile:
    """The terms of one ontology file and the release it states."""

    terms: pl.DataFrame
    version: str


def read_ontology(path: Path, *, prefix: str = "HP:") -> OntologyFile:
    """Read an OBO or OBO-graph JSON file, plain or gzip.

    Parameters
    ----------
    path
        ``hp.obo`` or ``hp.json``.
    prefix
        Only terms whose id begins so are kept.

    Raises
    ------
    InputError
        When the file is not an ontology, is truncated, or states no release.

    References
    ----------
    OBO flat file format 1.4, https://owlcollab.github.io/oboformat/doc/obo-syntax.html
    """
    content = read_bytes(path, limit_bytes=_LIMIT_BYTES).removeprefix(b"\xef\xbb\xbf")
    graph = content.lstrip()[:1] == b"{"
    try:
        if graph:
            _need_graph(content)
        document = (fastobo.load_graph if graph else fastobo.load)(io.BytesIO(content))
    except BaseException as error:
        # a panic of the Rust parser is no Exception, and its class cannot be imported
        if not isinstance(error, _UNREADABLE) and type(error).__name__ != "PanicException":
            raise
        raise InputError(
            f"cannot be read as an {'OBO graph' if graph else 'OBO'} file: {error}",
            where=str(path),
            hint="fetch the file again; it may be cut off",
        ) from error
    return OntologyFile(terms=_terms(document, prefix, path), version=_version(document, path))


def _need_graph(content: bytes) -> None:
    """Refuse JSON that is something else: without a graph the parser panics."""
    document = json.loads(content)
    if not document.get("graphs") or not isinstance(document["graphs"], list):
        raise ValueError("it has no 'graphs'")


def _version(document: fastobo.doc.OboDoc, path: Path) -> str:
    for clause in document.header:
        if clause.raw_tag() == "data-version":
            found = re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", clause.raw_value())
            return found.group() if found else str(clause.raw_value())
    raise InputError(
        "states no release (data-version)", where=str(path), hint="take an official release file"
    )


def _terms(document: fastobo.doc.OboDoc, prefix: str, path: Path) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for frame in document:
        term_id = str(frame.id)
        if not term_id.startswith(prefix) or not isinstance(frame, fastobo.term.TermFrame):
            continue
        row: dict[str, object] = {
            "term_id": term_id,
            "label": term_id,
            "obsolete": False,
            "replaced_by": None,
        }
        lists: dict[str, list[str]] = {"alternative_ids": [], "parents": [], "synonyms": []}
        for clause in frame:
            match clause.raw_tag():
                case "name":
                    row["label"] = clause.raw_value()
                case "is_obsolete":
                    row["obsolete"] = clause.raw_value() == "true"
                case "replaced_by":
                    row["replaced_by"] = clause.raw_value()
                case "alt_id":
                    lists["alternative_ids"].append(clause.raw_value())
                case "is_a":
                    lists["parents"].append(str(clause.term))
                case "synonym":
                    lists["synonyms"].append(clause.synonym.desc)
        rows.append(row | lists)
    terms = pl.DataFrame(rows, schema=TERMS.schema).unique("term_id", keep="first").sort("term_id")
    if terms.is_empty():
        raise InputError(f"holds no term with an id that begins {prefix!r}", where=str(path))
    TERMS.check(terms, raise_errors=True, where=str(path))
    named = terms["parents"].explode().drop_nulls()
    strange = named.filter(named.str.starts_with(prefix) & ~named.is_in(terms["term_id"].to_list()))
    if strange.len():
        raise InputError(
            f"names {strange.n_unique()} parent term(s) that it does not define, {strange[0]} for one",
            where=str(path),
            hint="fetch the file again; it may be cut off",
        )
    return terms
