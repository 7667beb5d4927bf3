"""Figures of a VCF summary: counts in bins and by name, drawn as the other pages' figures are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from genopraxis.render.numbers import MINUS
from genopraxis.render.series import style_of
from genopraxis.render.svg import INK, inline_svg
from genopraxis.variants.quality_document import Histogram

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Bar", "bars", "equal_bins", "histogram", "spread_of_values"]

_HEIGHT = 3.3
_BARS = 60
_SHARE_SHOWN = 0.995


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar: its name below it, its count, and the number of its series."""

    name: str
    count: int
    series: int = 0


def bars(
    shown: Sequence[Bar], *, title: str, description: str, x_label: str, y_label: str, every: int = 1
) -> Markup:
    """Draw counts by name; every so-manieth name is written.

    Parameters
    ----------
    title, description
        Read by a screen reader in place of the picture.
    """

    def draw(axes: Axes) -> None:
        for place, bar in enumerate(shown):
            style = style_of(bar.series)
            axes.bar(
                place, bar.count, 0.82, facecolor=(*style.rgb, 0.45), edgecolor=style.colour, linewidth=0.8
            )
            if style.hatch:
                axes.bar(place, bar.count, 0.82, facecolor="none", edgecolor=style.colour, hatch=style.hatch)
        written = range(0, len(shown), every)
        axes.set_xticks(list(written), [shown[place].name for place in written])
        axes.set_xlim(-0.7, max(0, len(shown) - 1) + 0.7)
        axes.tick_params(axis="x", length=0)
        _finish(axes, x_label, y_label)

    return inline_svg(draw, height=_HEIGHT, title=title, description=description)


def histogram(
    shown: Histogram, *, title: str, description: str, x_label: str, y_label: str, mark: float | None = None
) -> Markup:
    """Draw counts in bins of equal width over a number axis.

    Parameters
    ----------
    title, description
        Read by a screen reader in place of the picture.
    mark
        A value to mark with a dashed line.
    """
    style = style_of(0)

    def draw(axes: Axes) -> None:
        edges = np.asarray(shown.edges)
        axes.bar(
            edges[:-1],
            shown.counts,
            np.diff(edges),
            align="edge",
            facecolor=(*style.rgb, 0.45),
            edgecolor=style.colour,
            linewidth=0.6,
        )
        if mark is not None:
            axes.axvline(mark, color=INK, alpha=0.7, linewidth=1.1, linestyle=(0, (4, 3)))
        if shown.open_end:
            axes.annotate(
                "and more",
                (1, 0),
                (0, -24),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=8.5,
                alpha=0.8,
            )
        axes.set_xlim(edges[0], edges[-1])
        _finish(axes, x_label, y_label)

    return inline_svg(draw, height=_HEIGHT, title=title, description=description)


def equal_bins(given: Histogram, *, most: int = _BARS) -> Histogram:
    """Return a histogram of whole numbers in bins of one width that reads easily, its long tail in the last one.

    Counts of a bin that is wider than that are spread over its width.
    """
    edges, counts = np.asarray(given.edges), np.asarray(given.counts, np.float64)
    reached = np.flatnonzero(np.cumsum(counts) >= _SHARE_SHOWN * counts.sum())
    last = int(reached[0]) if reached.size else 0
    top = float(edges[last + 1])
    low = float(edges[int(np.flatnonzero(counts)[0])]) if counts.any() else 0.0
    width = next(
        step * 10**power
        for power in range(12)
        for step in (1, 2, 5)
        if (top - _floor(low, step * 10**power)) / (step * 10**power) <= most
    )
    first = _floor(low, width)
    own = np.arange(first, first + width * (math.ceil((top - first) / width) + 0.5), width)
    below = np.interp(own, edges[: last + 2], np.concatenate([[0.0], np.cumsum(counts[: last + 1])]))
    below[-1] = counts.sum()
    # rounded sums, so that no count is lost
    found = np.diff(np.rint(below).astype(np.int64))
    beyond = bool(counts[last + 1 :].any() or (given.open_end and last == counts.size - 1))
    return Histogram(edges=tuple(own.tolist()), counts=tuple(found.tolist()), open_end=beyond)


def spread_of_values(values: Sequence[float], *, bins: int = 30) -> Histogram:
    """Return the histogram of some values, as one a sample."""
    counts, edges = np.histogram(np.asarray(values, np.float64), bins=bins)
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))


def short_number(value: float) -> str:
    """Return a number as an axis shows it."""
    text = f"{abs(value):,.0f}" if float(value).is_integer() else f"{abs(value):g}"
    return MINUS + text if value < 0 else text


def _floor(value: float, width: float) -> float:
    return math.floor(value / width) * width


def _finish(axes: Axes, x_label: str, y_label: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.8)
    axes.set_axisbelow(True)
