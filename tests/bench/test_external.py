"""Prediction tables and tool cards of other programs: what is read, what is refused, how ties are settled."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.bench.external import read_predictions, read_tool_card
from genopraxis.bench.external_ranks import case_ranks
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.ranking_bench import RankingCase
from genopraxis.stats.ranking import mid_rank

RUN = {"tool": "phenotype.other", "version": "1", "regime": "full"}


def write(folder: Path, text: str | bytes, name: str = "predictions.tsv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def predictions(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(case, "disease", candidate, float(rank)) for case, candidate, rank in rows],
        schema=["case_id", "level", "candidate_id", "rank"],
        orient="row",
    )


def case(case_id: str, *diseases: str, genes: tuple[str, ...] = (), group: str | None = None) -> RankingCase:
    truths = {"disease": diseases, "gene": genes}
    return RankingCase(case_id=case_id, group=group, truths={k: v for k, v in truths.items() if v})


def read(path: Path) -> pl.DataFrame:
    return read_predictions(path, level="disease")


def rank_of(truth: str, *rows: tuple[str, float]) -> float | None:
    table = predictions(*(("c1", candidate, rank) for candidate, rank in rows))
    frame, _ = case_ranks(table, [case("c1", truth)], **RUN)
    return frame["rank"][0]


def test_windows_line_ends_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    text = '\ufeffcase_id\t candidate_id \trank\r\nc1\t"OMIM:2"\t2\r\n\r\nc1\tOMIM:1\t1\r\n'
    table = read(write(tmp_path, text))
    assert RANKING.check(table)
    assert table["candidate_id"].to_list() == ["OMIM:1", "OMIM:2"]
    assert table["level"].unique().to_list() == ["disease"]


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "case_id,level,candidate_id,rank,score,probability,note\nc1,gene,FBN1,1,3.5,0.5,x\nc1,gene,TTN,2,NA,,y\n",
        "p.csv",
    )
    table = read(path)
    pl.read_csv(path, null_values="NA").write_parquet(tmp_path / "p.parquet")
    assert read(tmp_path / "p.parquet").equals(table)
    assert table["score"].to_list() == [3.5, None]


def test_ranks_are_made_from_scores(tmp_path: Path) -> None:
    text = "case_id\tcandidate_id\tscore\nc1\ta:1\t5\nc1\ta:2\t7\nc1\ta:3\t5\nc1\ta:4\t-inf\n"
    table = read(write(tmp_path, text))
    assert dict(table.select("candidate_id", "rank").iter_rows()) == {"a:2": 1.0, "a:1": 2.5, "a:3": 2.5}


HEAD = "case_id\tcandidate_id\trank\tscore\tprobability\n"


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("case_id\trank\nc1\t1\n", "line 1", "column 'candidate_id' is missing"),
        ("case_id\tcandidate_id\nc1\ta\n", "line 1", "column 'rank' is missing"),
        (HEAD, "predictions.tsv", "no row"),
        ("", "predictions.tsv", "empty"),
        (HEAD + "c1\ta\t1\t\t\nc1\tb\tsecond\t\t\n", "line 3, column rank", "'second' is not a number"),
        (HEAD + "c1\ta\t0\t\t\n", "line 2, column rank", "begin at 1"),
        (HEAD + "c1\ta\tinf\t\t\n", "line 2, column rank", "infinite"),
        (HEAD + "c1\ta\t1\tNaN\t\n", "line 2, column score", "NaN"),
        (HEAD + "\n\nc1\ta\t1\t1\t25\n", "line 4, column probability", "between 0 and 1"),
        (HEAD + "c1\ta\t1\t\t\nc1\ta\t2\t\t\n", "line 3, column candidate_id", "second time"),
        (HEAD + "c1\t\t1\t\t\n", "line 2, column candidate_id", "missing"),
        (HEAD + "c1\ta\t1\t\t\nc1\tb\t\t3\t\n", "line 3, column rank", "other candidates"),
        (HEAD + "c1\ta\t\t\t\nc1\tb\t\t3\t\n", "line 2, column rank", "no score"),
        (HEAD + "c1\ta\t1\t\t\textra\tfields\n", "predictions.tsv", "cannot be read"),
        ("case_id\tcase_id\tcandidate_id\trank\nc1\tc1\ta\t1\n", "line 1", "twice"),
        (HEAD.encode() + b"c1\t\xff\t1\t\t\n", "predictions.tsv", "cannot be read"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, text: str | bytes, place: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, text))
    assert place in str(caught.value.where)
    assert what in caught.value.what


def test_bad_file_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not read"):
        read(write(tmp_path, "x", "table.xlsx"))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "absent.tsv")
    with pytest.raises(InputError, match="no Parquet table"):
        read(write(tmp_path, "no parquet", "p.parquet"))


@pytest.mark.parametrize(
    "tied",
    [(1, 2, 2, 2, 5), (1, 4, 4, 4, 5), (1, 2, 2, 2, 3), (1, 3, 3, 3, 5)],
    ids=["min", "max", "dense", "mid"],
)
def test_every_tie_convention_becomes_the_middle_rank(tied: tuple[int, ...]) -> None:
    rows = [(f"OMIM:{i}", float(rank)) for i, rank in enumerate(tied)]
    assert rank_of("OMIM:2", *rows) == 3.0
    assert rank_of("OMIM:4", *rows) == 5.0


@given(
    scores=st.lists(st.integers(0, 4), min_size=2, max_size=12),
    convention=st.sampled_from(["min", "max", "dense", "average", "ordinal"]),
    data=st.data(),
)
def test_complete_lists_of_any_convention(scores: list[int], convention: str, data: st.DataObject) -> None:
    truth = data.draw(st.integers(0, len(scores) - 1))
    given_ranks = pl.Series(scores, dtype=pl.Float64).rank(convention, descending=True).cast(pl.Float64)
    found = rank_of(f"OMIM:{truth}", *((f"OMIM:{i}", rank) for i, rank in enumerate(given_ranks)))
    # a program that breaks its ties itself has said which comes first
    wanted = given_ranks[truth] if convention == "ordinal" else mid_rank([float(s) for s in scores], truth)
    assert found == wanted


def test_incomplete_lists_keep_the_given_rank() -> None:
    assert rank_of("OMIM:9", ("OMIM:9", 57)) == 57
    ten = [(f"OMIM:{i}", float(i)) for i in range(1, 11)]
    assert rank_of("OMIM:99", *ten, ("OMIM:99", 57)) == 57
    assert rank_of("OMIM:98", *ten) is None


def test_nothing_but_two_tied_truths_is_left_as_given() -> None:
    table = predictions(("c1", "OMIM:1", 1), ("c1", "OMIM:2", 1))
    frame, _ = case_ranks(table, [case("c1", "OMIM:1", "OMIM:2")], **RUN)
    assert frame["rank"].to_list() == [1.0]


def test_absent_and_unknown_cases_are_counted() -> None:
    table = predictions(("c1", "OMIM:1", 1), ("c1", "OMIM:2", 2), ("stranger", "OMIM:1", 1))
    truths = [
        case("c1", "OMIM:2", "OMIM:7", genes=("FBN1",), group="PMID:1"),
        case("c2", "OMIM:1"),
        case("c3"),
    ]
    frame, notices = case_ranks(table, truths, **RUN)
    assert CASE_RANKS.check(frame)
    assert frame.select("case_id", "level", "rank", "candidates", "publication").rows() == [
        ("c1", "disease", 2.0, 2, "PMID:1"),
        ("c2", "disease", None, 0, None),
    ]
    assert [item["candidate_id"] for item in frame["top"][0]] == ["OMIM:1", "OMIM:2"]
    assert {(notice.code, notice.n, notice.cases) for notice in notices} == {
        ("predictions.unknown-case", 1, ("stranger",)),
        ("predictions.absent-case", 1, ("c2",)),
    }


def test_other_identifiers_are_refused_rather_than_scored_as_misses() -> None:
    truths = [case("c1", "OMIM:1")]
    with pytest.raises(InputError, match="named like 'MIM:1'"):
        case_ranks(predictions(("c1", "MIM:1", 1)), truths, **RUN)
    with pytest.raises(InputError, match="none of the cases"):
        case_ranks(predictions(("C1", "OMIM:1", 1)), truths, **RUN)


CARD = {
    "id": "phenotype.other",
    "version": "1.10",
    "task": "phenotype",
    "name": "Other",
    "summary": "s",
    "intended_use": "u",
    "limitations": ["l"],
    "licence": "MIT",
    "references": [{"citation": "Someone (2020)"}],
    "training_data": [],
    "score": "higher is better",
}


def test_tool_card_in_json_and_yaml(tmp_path: Path) -> None:
    as_json = read_tool_card(write(tmp_path, json.dumps(CARD, indent="\t"), "card.json"))
    lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in CARD.items())
    assert read_tool_card(write(tmp_path, lines, "card.yaml")) == as_json


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [", "not valid YAML"),
        ("- a\n", "mapping"),
        ("version: 1.10\n", "read as a number"),
        ("id: X\n", "licence: Field required"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_bad_tool_cards(tmp_path: Path, text: str | bytes, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_tool_card(write(tmp_path, text, "card.yaml"))
    assert what in caught.value.what
