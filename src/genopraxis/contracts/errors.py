"""The one error root. A message says what is wrong, where, and what to do next."""

from __future__ import annotations


class GenopraxisError(Exception):
    """Root of every error that Genopraxis raises on purpose.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    where
        The file, record or column in which it was found.
    hint
        What the reader can do about it.
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} — {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        # keyword-only arguments do not survive the default pickling between worker processes
        return (_rebuild, (type(self), self.what, self.where, self.hint))


def _rebuild(kind: type[GenopraxisError], what: str, where: str | None, hint: str | None) -> GenopraxisError:
    return kind(what, where=where, hint=hint)


class InputError(GenopraxisError):
    """The user's input cannot be used as it is."""


class ContractError(InputError):
    """A table or document does not fulfil its contract."""


class KnowledgeError(GenopraxisError):
    """Reference knowledge is missing, damaged or cannot be built."""


class OutputError(GenopraxisError):
    """A result cannot be written where it was asked for."""


class PluginError(GenopraxisError):
    """A plug-in cannot be loaded or does not fulfil its contract."""


class RefusedError(GenopraxisError):
    """A policy does not allow this tool version for this case."""
