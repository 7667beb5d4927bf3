"""What every tool of every task must do, as tests to inherit."""

from __future__ import annotations

from typing import Any

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.plugin import Task, Tool


class ToolContract:
    """The part of a tool's contract that no task changes; a task's own contract inherits from it.

    A subclass for a task gives ``task`` and the four methods below that say how one of its tools is used.

    Attributes
    ----------
    tool
        The tool under test.
    task
        Its task.
    """

    tool: Tool
    task: Task

    def prepared(self) -> Any:
        """Return the tool made ready, anew at each call."""
        raise NotImplementedError

    def questions(self) -> tuple[Any, ...]:
        """Return what the tool is asked, each question once."""
        raise NotImplementedError

    def answer(self, prepared: Any, question: Any) -> bytes:
        """Return the answer of a prepared tool as bytes: equal answers are equal bytes."""
        raise NotImplementedError

    def shared(self) -> str:
        """Return a fingerprint of everything that the tool was given and shares with others."""
        raise NotImplementedError

    def test_is_a_tool_of_the_task(self) -> None:
        """The registry would accept it."""
        problems = self.task.tool_problems(self.tool)
        assert not problems, f"not a {self.task.id} tool: {'; '.join(problems)}"

    def test_card_is_complete(self) -> None:
        """A user can see what it is, under which licence, who described it, and where it fails."""
        card = self.tool.card
        assert isinstance(card, ToolCard), "the attribute card is not a ToolCard"
        for field in ("version", "name", "summary", "intended_use", "licence", "score"):
            assert getattr(card, field).strip(), f"the card has no {field}"
        assert all(text.strip() for text in card.limitations), "a limitation is blank"
        assert card.limitations, "the card names no limitation"
        assert card.references, "the card names no reference"
        for reference in card.references:
            assert reference.doi or reference.url, f"reference {reference.citation!r} has no DOI or URL"
        for data in card.training_data:
            for field in ("dataset", "version", "use"):
                assert getattr(data, field).strip(), f"a line of training_data has no {field}"

    def test_id_begins_with_the_task(self) -> None:
        """Ids are ``task.name``."""
        card = self.tool.card
        assert card.task == self.task.id, f"the card says task {card.task!r}, wanted {self.task.id!r}"
        assert card.id.startswith(f"{self.task.id}."), f"id {card.id!r} does not begin with '{self.task.id}.'"

    def test_card_survives_a_file(self) -> None:
        """What is written into a result can be read again."""
        card = self.tool.card
        assert ToolCard.from_mapping(card.model_dump(mode="json"), where="card") == card

    def test_configured_card_says_so(self) -> None:
        """A tool that can be configured states the parameters that it runs with, and leaves the original alone."""
        configure = getattr(self.tool, "configure", None)
        if configure is None:
            return
        before = self.tool.card
        for name, usual in before.parameters.items():
            if isinstance(usual, bool) or not isinstance(usual, int | float):
                continue
            other = configure({name: str(usual)})
            assert other.card == before, f"setting {name} to its own value changes the card"
            changed = type(usual)(usual * 2 + 1)
            # a value that the tool refuses with a clear error is as good as one it takes
            try:
                other = configure({name: str(changed)})
            except InputError:
                continue
            assert other.card.parameters[name] == changed, f"the card does not say that {name} is {changed}"
        assert self.tool.card == before, "configuring changed the tool itself"

    def test_is_deterministic(self) -> None:
        """The same question gives the same answer, also from a tool made ready again."""
        first, second = self.prepared(), self.prepared()
        for question in self.questions():
            expected = self.answer(first, question)
            assert expected == self.answer(first, question), "asking twice gives two answers"
            assert expected == self.answer(second, question), "preparing twice gives two answers"

    def test_earlier_questions_do_not_matter(self) -> None:
        """What was asked before leaves no trace: a cache must not change an answer."""
        used = self.prepared()
        for question in self.questions():
            self.answer(used, question)
        for question in self.questions():
            fresh = self.answer(self.prepared(), question)
            assert self.answer(used, question) == fresh, "an earlier question changes an answer"

    def test_changes_nothing(self) -> None:
        """What it was given is as before: it is shared with other tools and later cases."""
        before, asked = self.shared(), repr(self.questions())
        prepared = self.prepared()
        for question in self.questions():
            self.answer(prepared, question)
        assert repr(self.questions()) == asked, "a question was changed"
        assert self.shared() == before, "what is shared was changed"
