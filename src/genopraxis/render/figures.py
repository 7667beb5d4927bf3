"""Figures as inline SVG: readable in light, dark and greyscale, the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from genopraxis.render.svg import INK, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# mid-tones with a contrast of at least 3:1 on white and on the dark page alike; marker, dash and hatch tell
# the series apart where colour cannot
PALETTE = ("#2878b5", "#c2571a", "#2e8b57", "#9455b0", "#86761c", "#c0447a")
_MARKERS = ("o", "s", "D", "^", "v", "P")
_DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1.5, 2)),
    (0, (10, 3)),
    (0, (3, 1.5, 1.5, 1.5)),
)
_HATCHES = ("", "///", "..", "xx", "--", "++")


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
    groups, series = _order(row.group for row in estimates), _order(row.series for row in estimates)
    band = len(series) + 0.9

    def draw(axes: Axes) -> None:
        for row in estimates:
            number = series.index(row.series)
            y = groups.index(row.group) * band + number
            style = _style(number)
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
        axes.set_xlim(0, _ceiling(value for row in estimates for value in (row.percent, row.high)))
        axes.set_xlabel(x_label)
        axes.grid(axis="x", color=INK, alpha=0.12, linewidth=0.8)
        axes.tick_params(axis="y", length=0)
        _legend(axes, series, kind="dot")

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
            style = _style(number)
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
        axes.set_ylim(0, _ceiling(value for curve in curves for value in (*curve.y, *(curve.high or ()))))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if x_ticks is not None:
            axes.set_xticks(list(x_ticks), list(x_ticks.values()))
        axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.8)
        _legend(axes, [curve.name for curve in curves], kind="line")

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
    groups, series = _order(row.group for row in estimates), _order(row.series for row in estimates)
    width = 0.8 / max(1, len(series))

    def draw(axes: Axes) -> None:
        for row in estimates:
            number = series.index(row.series)
            x = groups.index(row.group) + (number - (len(series) - 1) / 2) * width
            style = _style(number)
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
        axes.set_ylim(0, _ceiling(value for row in estimates for value in (row.percent, row.high)))
        axes.set_ylabel(y_label)
        axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.8)
        axes.tick_params(axis="x", length=0)
        _legend(axes, series, kind="bar")

    return inline_svg(draw, height=3.9, title=title, description=description, figure_id=figure_id)


@dataclass(frozen=True, slots=True)
class _Style:
    colour: str
    marker: str
    dashes: Any
    hatch: str

    @property
    def rgb(self) -> tuple[float, float, float]:
        red, green, blue = (int(self.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return red, green, blue


def _style(number: int) -> _Style:
    # after the sixth series the colour comes again with another marker, so that no two look the same
    turn, place = divmod(number, len(PALETTE))
    shifted = (place + turn) % len(PALETTE)
    return _Style(PALETTE[place], _MARKERS[shifted], _DASHES[shifted], _HATCHES[shifted])


def _order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _ceiling(values: Iterable[float | None]) -> float:
    """Return the end of a percent axis: a round number with room for a label, at most a little over 100."""
    largest = max((value for value in values if value is not None), default=100.0)
    ends = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0)
    return next((end for end in ends if largest <= end * 0.94), 104.0)


def _legend(axes: Axes, names: Sequence[str], *, kind: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if not names:
        return
    handles: list[Any] = []
    for number in range(len(names)):
        style = _style(number)
        if kind == "bar":
            outline = Patch(facecolor="none", edgecolor=style.colour, hatch=style.hatch)
            handles.append((Patch(facecolor=(*style.rgb, 0.4)), outline))
        else:
            dashes: Any = style.dashes if kind == "line" else "-"
            handles.append(
                Line2D([], [], color=style.colour, marker=style.marker, linestyle=dashes, linewidth=2)
            )
    # matplotlib leaves out labels that begin with an underscore
    labels = [f"\N{HAIR SPACE}{name}" if name.startswith("_") else name for name in names]
    # above the axes and as wide as the figure, so that long tool names fit; about 88 characters make a row
    widths = [len(label) + 7 for label in labels]
    columns = len(labels) if sum(widths) <= 88 else max(1, 88 // max(widths))
    axes.figure.legend(
        handles,
        labels,
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        handlelength=2.6,
        fontsize=9.5,
    )
