from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from genopraxis.render.figures import (
    Estimate,
    Line,
    Reliability,
    grouped_bars,
    interval_dots,
    lines,
    reliability,
)
from genopraxis.render.series import PALETTE
from genopraxis.render.svg import INK

ROWS = (
    Estimate(group="all cases", series="tool <a>", percent=41.2, low=38.0, high=44.1),
    Estimate(group="all cases", series="tool b", percent=28.0),
    Estimate(group="papers left out", series="tool <a>", percent=19.4, low=16.0, high=23.0),
    Estimate(group="papers left out", series="tool b", percent=None),
)
CURVES = (
    Line(name="tool <a>", x=range(1, 31), y=[20 + k for k in range(30)], low=[15.0] * 30, high=[60.0] * 30),
    Line(name="_hidden?", x=[1, 10, 30], y=[10, 20, 30]),
)


def dots(**options: str) -> Markup:
    return interval_dots(
        ROWS, title="Dots & more", description="Tool a leads.", x_label="top-1 (%)", **options
    )


def curves(**options: Any) -> Markup:
    return lines(CURVES, title="Curves", description="d", x_label="k", y_label="solved (%)", **options)


def bars(**options: str) -> Markup:
    return grouped_bars(ROWS, title="Bars", description="d", y_label="top-1 (%)", **options)


def observed(**options: str) -> Markup:
    series = [
        Reliability(
            name=name, predicted=[5, 40, 90], observed=[9, 30, 95], low=[2, 20, None], high=[12, 44, None],
            histogram=[8, 0, 3, 1],
        )
        for name in ("first <a>", "ten")
    ]  # fmt: skip
    return reliability(series, title="R", description="d", x_label="given (%)", y_label="true (%)", **options)


FIGURES = [dots, curves, bars, observed]


@pytest.mark.parametrize("draw", FIGURES)
def test_svg_is_inline_accessible_and_well_formed(draw: Callable[..., Markup]) -> None:
    svg = draw()
    assert svg.startswith("<svg ")
    root = ET.fromstring(svg)  # noqa: S314
    assert root.get("role") == "img"
    title, description = list(root)[:2]
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text
    for unwanted in ("<?xml", "<!DOCTYPE", "<metadata", "dc:date", "<script", "<image", INK):
        assert unwanted not in svg
    for target in re.findall(r'href="([^"]*)"|url\(([^)]*)\)', svg):
        assert "".join(target).startswith("#")


@pytest.mark.parametrize("draw", FIGURES)
def test_same_data_same_bytes(draw: Callable[..., Markup]) -> None:
    assert draw() == draw()


def test_ids_are_unique_over_the_figures_of_a_page_and_references_hold() -> None:
    together = Markup("").join(draw() for draw in FIGURES) + dots(figure_id="again")
    ids = re.findall(r'\bid="([^"]+)"', together)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", together)) <= set(ids)


def test_labels_are_text_and_escaped() -> None:
    svg = dots()
    assert "tool &lt;a&gt;" in svg
    assert "<a>" not in svg
    assert "41.2" in svg
    assert "not measured" in svg
    assert "Dots &amp; more" in svg
    assert "_hidden?" in curves()


def test_a_dollar_or_a_strange_letter_in_a_label_is_harmless() -> None:
    rows = [Estimate(group="$\\frac$ \u6f22", series="$x$", percent=1.0, low=0.5, high=2.0)]
    assert "$x$" in interval_dots(rows, title="t", description="d", x_label="%")


def test_levels_on_the_x_axis_may_be_named() -> None:
    svg = curves(x_ticks={1: "all", 30: "one <term>"})
    ET.fromstring(svg)  # noqa: S314
    assert "all" in svg
    assert "one &lt;term&gt;" in svg


def test_empty_input_gives_an_empty_figure() -> None:
    for svg in (
        interval_dots([], title="t", description="d", x_label="x"),
        lines([], title="t", description="d", x_label="x", y_label="y"),
        grouped_bars([], title="t", description="d", y_label="y"),
    ):
        ET.fromstring(svg)  # noqa: S314


def test_a_bad_figure_id_is_refused() -> None:
    with pytest.raises(ValueError, match="identifier"):
        dots(figure_id='"><script>')


def test_settings_of_the_process_are_left_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    bars()
    assert dict(mpl.rcParams) == before


def test_matplotlib_is_loaded_only_to_draw() -> None:
    code = "import sys, genopraxis.render.figures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_palette_stands_out_on_light_and_dark() -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in PALETTE:
        assert 1.05 / (luminance(colour) + 0.05) >= 3
        assert (luminance(colour) + 0.05) / (luminance("#182027") + 0.05) >= 3


def test_many_series_stay_distinct() -> None:
    rows = [Estimate(group="g", series=f"tool {n}", percent=float(n + 1)) for n in range(12)]
    ET.fromstring(grouped_bars(rows, title="t", description="d", y_label="%"))  # noqa: S314


def test_reliability_has_diagonal_intervals_and_histograms() -> None:
    svg = observed()
    assert "first &lt;a&gt;" in svg
    assert "predictions" in svg
    colours = [svg.count(colour) for colour in PALETTE[:2]]
    # each series is drawn alike, and in its own colour
    assert colours[0] == colours[1] > 3
    nothing = reliability([], title="R", description="d", x_label="x", y_label="y")
    assert ET.fromstring(nothing).get("role") == "img"  # noqa: S314
    empty = Reliability(name="t", predicted=[], observed=[], low=[], high=[], histogram=[])
    assert "t" in reliability([empty], title="R", description="d", x_label="x", y_label="y")


def test_the_library_can_be_loaded_early() -> None:
    code = (
        "import sys, time; from genopraxis.render.svg import load_early; load_early(); end = time.monotonic() + 60\n"
        "while 'matplotlib.backends.backend_svg' not in sys.modules and time.monotonic() < end: time.sleep(0.01)\n"
        "assert 'matplotlib.backends.backend_svg' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
