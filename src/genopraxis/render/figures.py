"""Figures as inline SVG: readable in light, dark and greyscale, the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from genopraxis.render.series import ceiling, legend, order, style_of
from genopraxis.render.svg import INK, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """One value with its 95 % interval, all in percent (0 to 100).

    Parameters
    ----------
    group
        What is compared side by side, e.g. a regime or a stratum.
    series
        Who is compared, e.g. a tool.
    percent
        The value; ``None`` means not measured and is said so.
    low, high
        Ends of the interval; ``None`` where none can be given.
    """

    group: str
    series: str
    percent: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One curve: ``y`` in percent over ``x``; ``low`` and ``high`` are its 95 % band."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reliability:
    """What was predicted and what came true, in percent.

    Parameters
    ----------
    predicted, observed
        Of each bin, lowest prediction first.
    low, high
        Ends of each bin's 95 % interval; ``None`` where none can be given.
    histogram
        Number of predictions in bins of equal width from 0 to 100 %.
    """

    name: str
    predicted: Sequence[float]
    observed: Sequence[float]
    low: Sequence[float | None]
    high: Sequence[float | None]
    histogram: Sequence[int]


def interval_dots(
    rows: Iterable[Estimate], *, title: str, description: str, x_label: str, figure_id: str | None = None
) -> Markup:
    """Draw one dot with its interval per row, rows of a group together.

    Parameters
    ----------
    rows
        In the order in which groups and series shall appear, first at the top.
    title, description
        Read by a screen reader in place of the picture; the description should say what the picture shows.
    x_label
        What the percent axis measures.
    figure_id
        Prefix of every id in the picture; needed only if one page shows the same picture twice.

    Returns
    -------
    Markup
        An ``<svg>`` element.
    """
    estimates = list(rows)
    groups, series = order(row.group for row in estimates), order(row.series for row in estimates)
    band = len(series) + 0.9

    def draw(axes: Axes) -> None:
        for row in estimates:
            number = series.index(row.series)
            y = groups.index(row.group) * band + number
            style = style_of(number)
            text = "not measured"
            if row.percent is not None:
                text = f"{row.percent:.1f}"
                if row.low is not None and row.high is not None:
                    text += f"  ({row.low:.1f}\N{EN DASH}{row.high:.1f})"
                    axes.plot(
                        [row.low, row.high], [y, y], color=style.colour, linewidth=2, solid_capstyle="round"
                    )
                axes.plot(
                    [row.percent],
                    [y],
                    marker=style.marker,
                    markersize=7,
                    color=style.colour,
                    linestyle="none",
                )
            axes.text(1.02, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
        centres = [index * band + (len(series) - 1) / 2 for index in range(len(groups))]
        axes.set_yticks(centres, groups)
        for index in range(1, len(groups)):
            axes.axhline(index * band - 0.95, color=INK, alpha=0.15, linewidth=0.8)
        axes.set_ylim(max(1, len(groups)) * band - 0.9, -0.9)
        axes.set_xlim(0, ceiling(value for row in estimates for value in (row.percent, row.high)))
        axes.set_xlabel(x_label)
        axes.grid(axis="x", color=INK, alpha=0.12, linewidth=0.8)
        axes.tick_params(axis="y", length=0)
        legend(axes, series, kind="dot")

    height = 1.1 + 0.27 * band * max(1, len(groups))
    return inline_svg(draw, height=height, title=title, description=description, figure_id=figure_id)


def lines(
    series: Iterable[Line],
    *,
    title: str,
    description: str,
    x_label: str,
    y_label: str,
    x_ticks: Mapping[float, str] | None = None,
    figure_id: str | None = None,
) -> Markup:
    """Draw curves in percent, e.g. the share of cases solved within the first k candidates.

    Parameters
    ----------
    series
        The curves, in the order of the legend.
    title, description
        Read by a screen reader in place of the picture.
    x_label, y_label
        What the axes measure.
    x_ticks
        Where to write what on the x axis, for levels that are names or unevenly far apart; by default numbers.
    figure_id
        See :func:`interval_dots`.
    """
    curves = list(series)

    def draw(axes: Axes) -> None:
        for number, curve in enumerate(curves):
            style = style_of(number)
            if curve.low is not None and curve.high is not None:
                axes.fill_between(curve.x, curve.low, curve.high, color=style.colour, alpha=0.16, linewidth=0)
            axes.plot(
                curve.x,
                curve.y,
                color=style.colour,
                linestyle=style.dashes,
                linewidth=2,
                marker=style.marker,
                markersize=5,
                # a marker at each of hundreds of points would hide the curve
                markevery=max(1, len(curve.x) // 12),
            )
        axes.set_ylim(0, ceiling(value for curve in curves for value in (*curve.y, *(curve.high or ()))))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if x_ticks is not None:
            axes.set_xticks(list(x_ticks), list(x_ticks.values()))
        axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.8)
        legend(axes, [curve.name for curve in curves], kind="line")

    return inline_svg(draw, height=4.2, title=title, description=description, figure_id=figure_id)


def grouped_bars(
    rows: Iterable[Estimate], *, title: str, description: str, y_label: str, figure_id: str | None = None
) -> Markup:
    """Draw bars from zero, one for each series in each group, with whiskers for the interval.

    Parameters
    ----------
    rows
        In the order in which groups and series shall appear, first at the left.
    title, description
        Read by a screen reader in place of the picture.
    y_label
        What the percent axis measures.
    figure_id
        See :func:`interval_dots`.
    """
    estimates = list(rows)
    groups, series = order(row.group for row in estimates), order(row.series for row in estimates)
    width = 0.8 / max(1, len(series))

    def draw(axes: Axes) -> None:
        for row in estimates:
            number = series.index(row.series)
            x = groups.index(row.group) + (number - (len(series) - 1) / 2) * width
            style = style_of(number)
            if row.percent is None:
                axes.text(x, 0, " not measured", rotation=90, ha="center", va="bottom", fontsize=8)
                continue
            # two layers: a hatch inside a filled patch would fade with the fill
            axes.bar(x, row.percent, width * 0.9, facecolor=(*style.rgb, 0.4))
            axes.bar(x, row.percent, width * 0.9, facecolor="none", edgecolor=style.colour, hatch=style.hatch)
            top = row.percent
            if row.low is not None and row.high is not None:
                axes.plot([x, x], [row.low, row.high], color=INK, linewidth=1.2)
                top = max(top, row.high)
            axes.annotate(
                f"{row.percent:.0f}",
                (x, top),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8,
            )
        axes.set_xticks(range(len(groups)), groups)
        axes.set_xlim(-0.6, max(0, len(groups) - 1) + 0.6)
        axes.set_ylim(0, ceiling(value for row in estimates for value in (row.percent, row.high)))
        axes.set_ylabel(y_label)
        axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.8)
        axes.tick_params(axis="x", length=0)
        legend(axes, series, kind="bar")

    return inline_svg(draw, height=3.9, title=title, description=description, figure_id=figure_id)


def reliability(
    series: Iterable[Reliability],
    *,
    title: str,
    description: str,
    x_label: str,
    y_label: str,
    figure_id: str | None = None,
) -> Markup:
    """Draw observed over predicted, the diagonal on which both agree, and below it where the predictions lie.

    Parameters
    ----------
    series
        In the order of the legend. The tallest bar of each histogram has the same height.
    title, description
        Read by a screen reader in place of the picture.
    x_label, y_label
        What predicted and observed are.
    figure_id
        See :func:`interval_dots`.
    """
    drawn = list(series)
    floor, room = -24.0, 19.0  # the histograms stand below zero, where no share can be

    def draw(axes: Axes) -> None:
        axes.plot([0, 100], [0, 100], color=INK, alpha=0.45, linewidth=1, linestyle=(0, (4, 3)))
        axes.axhline(0, color=INK, alpha=0.3, linewidth=0.8)
        for number, one in enumerate(drawn):
            style = style_of(number)
            for x, low, high in zip(one.predicted, one.low, one.high, strict=True):
                if low is not None and high is not None:
                    axes.plot([x, x], [low, high], color=style.colour, linewidth=1.6, alpha=0.75)
            axes.plot(
                one.predicted,
                one.observed,
                color=style.colour,
                linestyle=style.dashes,
                linewidth=1.2,
                marker=style.marker,
                markersize=6,
            )
            width = 100 / max(1, len(one.histogram))
            share = width * 0.9 / len(drawn)
            tallest = max(one.histogram, default=0) or 1
            axes.bar(
                [
                    place * width + width * 0.05 + (number + 0.5) * share
                    for place in range(len(one.histogram))
                ],
                [room * count / tallest for count in one.histogram],
                share,
                bottom=floor,
                facecolor=(*style.rgb, 0.55),
            )
        axes.set_xlim(-2, 102)
        axes.set_ylim(floor, 104)
        axes.set_xticks(range(0, 101, 20))
        axes.set_yticks([floor + room / 2, *range(0, 101, 20)], ["predictions", *map(str, range(0, 101, 20))])
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.grid(color=INK, alpha=0.1, linewidth=0.8)
        legend(axes, [one.name for one in drawn], kind="line")

    return inline_svg(draw, height=5.0, title=title, description=description, figure_id=figure_id)
