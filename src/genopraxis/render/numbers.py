"""How numbers read: one wording for probabilities, likelihood ratios, ranks and ages, everywhere."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
NOT_MEASURED = "not measured"
_NBSP = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_SUPERSCRIPT = str.maketrans("0123456789", "".join(map(chr, (8304, 185, 178, 179, *range(8308, 8314)))))


def percent(fraction: float | None, *, digits: int = 1) -> str:
    """Return a fraction as percent, never rounded to a certainty.

    Parameters
    ----------
    fraction
        Between 0 and 1; ``None`` means not measured.
    digits
        Decimals shown.

    Returns
    -------
    str
        For example ``93.4 %``; ``<0.1 %`` and ``>99.9 %`` where rounding would claim 0 or 100.
    """
    if fraction is None:
        return NOT_MEASURED
    step = 10.0**-digits
    value = fraction * 100
    # 0 % and 100 % are claims of certainty; only the exact values may make them
    if 0 < value < step:
        return f"<{step:.{digits}f}{_NBSP}%"
    if 100 - step < value < 100:
        return f">{100 - step:.{digits}f}{_NBSP}%"
    return f"{value:.{digits}f}{_NBSP}%"


def signed(value: float | None, *, digits: int = 2) -> str:
    """Return a number with its sign always written, so that it reads without colour."""
    if value is None:
        return NOT_MEASURED
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def fold(log10_ratio: float | None) -> str:
    """Return a log10 likelihood ratio as a comparison that can be read aloud.

    Returns
    -------
    str
        What follows "with this disease the signs are": for example ``320 times more likely than on average``,
        ``5.0 times less likely than on average`` or ``about as likely as on average``.
    """
    if log10_ratio is None:
        return NOT_MEASURED
    if abs(log10_ratio) < 0.05:
        return "about as likely as on average"
    side = "more" if log10_ratio > 0 else "less"
    return f"{_magnitude(abs(log10_ratio))} times {side} likely than on average"


def one_in(probability: float) -> str:
    """Return a small probability as ``1 in 8,300``; a large one, or zero, as percent."""
    if not 0 < probability < 0.1:
        return percent(probability)
    return f"1 in {_magnitude(-math.log10(probability))}"


def rank(value: float) -> str:
    """Return a rank; a shared middle rank says that it is a tie."""
    return str(int(value)) if float(value).is_integer() else f"{value:.1f}"


def years(value: float | None) -> str:
    """Return an age or onset in the unit a clinician would use."""
    if value is None:
        return "not given"
    if value < 1 / 12:
        days = round(value * 365.25)
        return f"{days} day" if days == 1 else f"{days} days"
    if value < 2:
        months = round(value * 12)
        return f"{months} month" if months == 1 else f"{months} months"
    whole = round(value, 1)
    return f"{whole:g} years"


def _magnitude(exponent: float) -> str:
    if exponent >= 6:
        power = math.floor(exponent + 1e-9)
        mantissa = 10 ** (exponent - power)
        if mantissa >= 9.95:  # would be written 10.0
            power, mantissa = power + 1, 1.0
        return f"{mantissa:.1f}{_THIN}{TIMES}{_THIN}10{str(power).translate(_SUPERSCRIPT)}"
    value = 10**exponent
    if value < 9.95:
        return f"{value:.1f}"
    # two significant figures: more would pretend to a precision that annotation counts do not have
    digits = math.floor(math.log10(value)) - 1
    return f"{round(value, -digits):,.0f}"
