"""The HTML shell every page shares: banner, main, provenance. Self-contained, no script, always escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from genopraxis.contracts.provenance import Provenance
from genopraxis.render import numbers
from genopraxis.render.citations import citation

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What the shell itself shows, under the name ``page`` in every template."""

    title: str
    banner: str | None
    provenance: Provenance
    security_policy: str = CONTENT_SECURITY_POLICY


def environment(template_packages: Iterable[str] = ()) -> Environment:
    """Return the template environment of a room.

    Parameters
    ----------
    template_packages
        Import names of packages with a ``templates`` folder, e.g. ``("genopraxis.case",)``; searched in this
        order, then the templates shared here. A body template begins with ``{% extends "shell.html" %}`` and
        fills ``block main``; ``block style`` if it has rules of its own (``{% include "its.css" %}``); and
        ``block nav`` if it has sections worth a link.

    Returns
    -------
    jinja2.Environment
        Escapes every value and refuses undefined names. Filters: ``percent``, ``signed``, ``fold``,
        ``one_in``, ``rank``, ``years``, ``citation``, ``short`` (first characters of a digest).
    """
    return _environment(tuple(template_packages))


@lru_cache(maxsize=16)
def _environment(template_packages: tuple[str, ...]) -> Environment:
    built = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*template_packages, "genopraxis.render")]),
        # everything shown may come from a patient's file: no value is ever trusted by its template's name
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.filters |= {
        "percent": numbers.percent,
        "signed": numbers.signed,
        "fold": numbers.fold,
        "one_in": numbers.one_in,
        "rank": numbers.rank,
        "years": numbers.years,
        "citation": citation,
        "short": _short,
    }
    return built


def page(
    *,
    templates: Environment,
    body_template: str,
    title: str,
    banner: str | None,
    provenance: Provenance,
    context: Mapping[str, object],
) -> str:
    """Return one complete HTML page.

    Parameters
    ----------
    templates
        From :func:`environment`.
    body_template
        Name of a template that extends ``shell.html``.
    title
        Title of the document, as a browser tab shows it.
    banner
        What the reader must know first, e.g. research use only; ``None`` leaves the region out.
    provenance
        Shown in the footer.
    context
        Names for the body template; ``page`` is taken by the shell.

    Raises
    ------
    ValueError
        When ``context`` uses a name of the shell.
    """
    if "page" in context:
        raise ValueError("'page' is the shell's own name; rename it in the context")
    frame = Frame(title=title, banner=banner, provenance=provenance)
    return templates.get_template(body_template).render(**context, page=frame)


def _short(digest: str) -> str:
    return digest[:12]
