"""How the series of a figure are told apart: colour, marker, dash and hatch, and the legend that names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True, slots=True)
class Style:
    """How one series is drawn."""

    colour: str
    marker: str
    dashes: Any
    hatch: str

    @property
    def rgb(self) -> tuple[float, float, float]:
        """The colour as three numbers between 0 and 1."""
        red, green, blue = (int(self.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return red, green, blue


def style_of(number: int) -> Style:
    """Return how the series of this number is drawn."""
    # after the sixth series the colour comes again with another marker, so that no two look the same
    turn, place = divmod(number, len(PALETTE))
    shifted = (place + turn) % len(PALETTE)
    return Style(PALETTE[place], _MARKERS[shifted], _DASHES[shifted], _HATCHES[shifted])


def order(names: Iterable[str]) -> list[str]:
    """Return each name once, in the order in which they come."""
    return list(dict.fromkeys(names))


def ceiling(values: Iterable[float | None]) -> float:
    """Return the end of a percent axis: a round number with room for a label, at most a little over 100."""
    largest = max((value for value in values if value is not None), default=100.0)
    ends = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0)
    return next((end for end in ends if largest <= end * 0.94), 104.0)


def legend(axes: Axes, names: Sequence[str], *, kind: str) -> None:
    """Name the series above the axes; ``kind`` is ``dot``, ``line`` or ``bar``."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if not names:
        return
    handles: list[Any] = []
    for number in range(len(names)):
        own = style_of(number)
        if kind == "bar":
            outline = Patch(facecolor="none", edgecolor=own.colour, hatch=own.hatch)
            handles.append((Patch(facecolor=(*own.rgb, 0.4)), outline))
        else:
            dashes: Any = own.dashes if kind == "line" else "-"
            handles.append(Line2D([], [], color=own.colour, marker=own.marker, linestyle=dashes, linewidth=2))
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
