"""From a matplotlib figure to an SVG element that stands inside a page: same data, same bytes."""

from __future__ import annotations

import hashlib
import re
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"  # stands for the colour of the page's text; no data colour may use it

_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"
_SALT = "genopraxis"
_WIDTH = 7.6  # inches; the page scales it
# the settings of matplotlib belong to the whole process: two threads must not change them at once
_LOCK = threading.Lock()


def load_early() -> None:
    """Load the drawing library beside other work, so that the first figure does not wait for it."""

    def load() -> None:
        # a figure that is drawn tells what is wrong; here nobody waits for the answer
        with suppress(Exception):
            import matplotlib.backends.backend_svg  # noqa: F401 - loaded, not used

    threading.Thread(target=load, name="load-matplotlib", daemon=True).start()


def inline_svg(
    draw: Callable[[Axes], None],
    *,
    height: float,
    title: str,
    description: str,
    figure_id: str | None = None,
) -> Markup:
    """Draw one pair of axes and return it as an element for an HTML page.

    Parameters
    ----------
    draw
        Draws on the axes. What it draws in :data:`INK` takes the text colour of the page, light or dark.
    height
        In inches; the width is fixed and the page scales both.
    title, description
        Read by a screen reader in place of the picture.
    figure_id
        Prefix of every id inside; by default a digest of the picture.

    Returns
    -------
    Markup
        An ``<svg>`` element without prolog, metadata or date.

    Raises
    ------
    ValueError
        When ``figure_id`` cannot be an identifier.
    """
    # imported here: matplotlib takes a second to load, and most commands draw nothing
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with _LOCK, mpl.rc_context(), warnings.catch_warnings():
        # the font of the page is used, not the one that matplotlib measures with
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        mpl.rcdefaults()  # a user's own settings must not change the bytes
        settings: Any = _settings()
        mpl.rcParams.update(settings)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        raw = _write(figure)
    return _embed(raw, title=title, description=description, figure_id=figure_id)


def _settings() -> dict[str, object]:
    inked = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    return {
        **dict.fromkeys(inked, INK),
        "svg.fonttype": "none",
        "svg.hashsalt": _SALT,
        "text.parse_math": False,  # a dollar sign in a label is a dollar sign
        "font.family": ["DejaVu Sans"],  # comes with matplotlib, so layout is the same everywhere
        "font.size": 10,
        "axes.labelsize": 10,
        "hatch.linewidth": 0.8,
    }


def _write(figure: Figure) -> str:
    buffer = StringIO()
    nothing: Any = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    return buffer.getvalue()


def _embed(raw: str, *, title: str, description: str, figure_id: str | None) -> Markup:
    """Make a standalone SVG file an element that can stand beside others in one page."""
    body = raw[raw.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = body.replace(INK, "currentColor")
    # matplotlib has written both the shorthand and the single properties, depending on its version
    body = re.sub(r"font-family: [^;\"]*", f"font-family: {_FONT}", body)
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", rf"font: \1 {_FONT}", body)
    digest = hashlib.sha256(f"{title}\0{description}\0{body}".encode()).hexdigest()[:10]
    prefix = figure_id if figure_id is not None else f"fig-{digest}"
    if re.fullmatch(r"[A-Za-z][\w-]*", prefix, flags=re.ASCII) is None:
        raise ValueError(f"figure_id {prefix!r} is not an identifier (letters, digits, - and _)")
    # ids are the page's common property: two figures would otherwise share clip paths and markers
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'(href="#|url\(#)', rf"\1{prefix}-", body)
    opening, _, rest = body.partition(">")
    box = re.search(r'viewBox="([^"]+)"', opening)
    view = box[1] if box else f"0 0 {_WIDTH * 72:g} 300"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view}" role="img" aria-labelledby="{prefix}-title {prefix}-desc" id="{prefix}">'
        f'<title id="{prefix}-title">{escape(title)}</title>'
        f'<desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    # every text inside was escaped by matplotlib or above
    return Markup(head + rest)  # noqa: S704
