"""Which perturbations a run asks for: names and levels, checked against what the task offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking_bench import PerturbationKind, RankingBench
from genopraxis.contracts.scorecard import Perturbation

SEED = 0
"""Of what is drawn at random where no other seed is given."""


def read_perturbations(words: Iterable[str]) -> dict[str, float | None]:
    """Read perturbations as the command line has them: ``NAME=LEVEL``, or ``NAME`` where it has no level.

    Raises
    ------
    InputError
        When a level is not a number, or a perturbation is named twice.
    """
    found: dict[str, float | None] = {}
    for word in words:
        name, equals, written = word.partition("=")
        name = name.strip()
        if name in found:
            raise InputError(
                f"perturbation {name!r} is named twice",
                where="--perturb",
                hint="run its levels one after the other",
            )
        found[name] = _level(name, written) if equals else None
    return found


def chosen_perturbations(port: RankingBench, given: Mapping[str, float | None]) -> tuple[Perturbation, ...]:
    """Return the perturbations to apply, in the order in which the task applies them.

    Parameters
    ----------
    given
        Level by name. Where a perturbation has no level, ``None`` and 1 both mean: apply it.

    Raises
    ------
    InputError
        When the task does not offer one of them, or a level is not possible.
    """
    offered = {kind.name: kind for kind in port.perturbations}
    for name in given:
        if name not in offered:
            raise InputError(
                f"there is no perturbation {name!r}",
                where="perturbation",
                hint=f"one of {', '.join(offered)}" if offered else "the task offers none",
            )
    return tuple(
        Perturbation(name=name, level=_checked(kind, given[name]), meaning=kind.meaning)
        for name, kind in offered.items()
        if name in given
    )


def perturbations_text(perturbations: Sequence[Perturbation]) -> str:
    """Return perturbations in one line, e.g. ``keep=5, noise=0.25``."""
    return ", ".join(one.text for one in perturbations)


def _level(name: str, written: str) -> float:
    try:
        return float(written)
    except ValueError:
        raise InputError(
            f"level {written!r} of perturbation {name!r} is not a number",
            where="--perturb",
            hint=f"write {name}=0.5, for example; a share lies between 0 and 1",
        ) from None


def _checked(kind: PerturbationKind, level: float | None) -> float | None:
    if kind.level is None:
        if level in (None, 1):
            return None
        raise InputError(
            f"perturbation {kind.name!r} has no level, {level:g} was given",
            where="perturbation",
            hint=f"write {kind.name}, and leave it out where it is not wanted",
        )
    limits = f"{kind.lowest:g} to {kind.highest:g}"
    wanted = f"{'a whole number' if kind.whole else 'a number'}, {limits}: {kind.level}"
    if level is None:
        raise InputError(f"perturbation {kind.name!r} needs a level", where="perturbation", hint=wanted)
    # NaN is below no limit and above none
    if not kind.lowest <= level <= kind.highest or (kind.whole and level % 1 != 0):
        raise InputError(
            f"level {level:g} of perturbation {kind.name!r} is not possible",
            where="perturbation",
            hint=f"wanted: {wanted}",
        )
    return float(level)
