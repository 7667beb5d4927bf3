"""Both built-in tools inherit the tests that any plug-in author inherits; and those tests can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool
from genopraxis.tasks.phenotype.tools.likelihood import (
    LikelihoodParameters,
    LikelihoodRanker,
    LikelihoodTool,
)
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool
from genopraxis.testing import PhenotypeToolContract


class TestLikelihood(PhenotypeToolContract):
    tool = LikelihoodTool()


class TestLikelihoodWithoutExclusions(PhenotypeToolContract):
    tool = LikelihoodTool(LikelihoodParameters(use_excluded=False, use_sex_and_age=False))


class TestResnik(PhenotypeToolContract):
    tool = ResnikTool()


class _Ranker(PhenotypeRanker):
    """A likelihood ranker whose answer is spoilt by its tool."""

    def __init__(self, tool: _Spoilt, knowledge, inner: LikelihoodRanker) -> None:
        super().__init__(tool, knowledge)
        self._inner = inner

    def rank(self, query):
        assert isinstance(self.tool, _Spoilt)
        return self.tool.spoil(query, self._inner.rank(query))

    def on(self, knowledge):
        return self if self.tool.ignores_changes else _Ranker(self.tool, knowledge, self._inner.on(knowledge))

    def explain(self, query, group):
        parts = self._inner.explain(query, group)
        return parts[1:] if self.tool.forgets_a_part else parts


class _Spoilt(PhenotypeTool):
    card = LikelihoodTool.card

    def __init__(self, spoil=lambda _query, scores: scores, *, ignores_changes=False, forgets_a_part=False):
        self.spoil = spoil
        self.ignores_changes = ignores_changes
        self.forgets_a_part = forgets_a_part

    def prepare(self, knowledge):
        return _Ranker(self, knowledge, LikelihoodTool().prepare(knowledge))


def _reads_order(query, scores: DiseaseScores) -> DiseaseScores:
    return replace(scores, score=scores.score + query.observed[0])


def _nan(_query, scores: DiseaseScores) -> DiseaseScores:
    return replace(scores, score=np.where(np.arange(len(scores.score)) == 3, np.nan, scores.score))


def _too_likely(_query, scores: DiseaseScores) -> DiseaseScores:
    return replace(scores, probability=scores.probability * 1.5)


def _too_short(_query, scores: DiseaseScores) -> DiseaseScores:
    return replace(scores, score=scores.score[:-1])


@pytest.mark.parametrize(
    ("tool", "test", "message"),
    [
        (_Spoilt(_reads_order), "test_order_of_terms_does_not_matter", "order"),
        (_Spoilt(_nan), "test_one_score_for_each_group", "NaN"),
        (_Spoilt(_too_short), "test_one_score_for_each_group", "shape"),
        (_Spoilt(_too_likely), "test_probabilities", "more than 1|above 1"),
        (_Spoilt(ignores_changes=True), "test_on_changed_knowledge", "on()"),
        (_Spoilt(forgets_a_part=True), "test_explanations_add_up", "sum to"),
    ],
)
def test_contract_finds_a_broken_tool(tool: _Spoilt, test: str, message: str) -> None:
    class Contract(PhenotypeToolContract):
        pass

    contract = Contract()
    contract.tool = tool
    with pytest.raises(AssertionError, match=message):
        getattr(contract, test)()


def test_spoilt_tool_without_spoiling_is_sound() -> None:
    contract = PhenotypeToolContract()
    contract.tool = _Spoilt()
    for name in dir(contract):
        if name.startswith("test_"):
            getattr(contract, name)()


def test_contract_needs_no_pytest() -> None:
    # a plug-in author may use another runner
    import subprocess
    import sys

    code = (
        "import sys; import genopraxis.testing; "
        "sys.exit('pytest' in sys.modules or 'hypothesis' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
