"""``phenotype.ranker`` as it is shipped: the contract of every tool, and what its weights and card must be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import lightgbm as lgb
import pytest

from genopraxis.formats.files import digest
from genopraxis.knowledge.shipped_library import CARD, COUNTS, DISEASES
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.ranker_model import MANIFEST, POSTERIOR, TRACE, WEIGHTS, model_folder
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.testing import PhenotypeToolContract

REPOSITORY = Path(__file__).resolve().parents[3]
MEGABYTE = 1_000_000
README = "README.md"
LIBRARY = files("genopraxis.knowledge").joinpath("embedded")


class TestShippedRanker(PhenotypeToolContract):
    @pytest.fixture(autouse=True)
    def _shipped(self) -> None:
        self.tool = (
            RankerTool()
        )  # not at import: a missing file is to fail these tests, not the collection of all


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with as_file(model_folder()) as path:
        yield path


@pytest.fixture(scope="module")
def readme(folder: Path) -> str:
    return (folder / README).read_text(encoding="utf-8")


def test_card_names_licence_and_training_data_by_digest() -> None:
    card = RankerTool.card
    assert card.licence == "Apache-2.0"
    assert card.training_data
    for data in card.training_data:
        assert data.sha256 is not None, f"{data.dataset} has no digest"


@pytest.mark.shared_data
def test_digest_on_the_card_is_that_of_the_file(rare_data: Path) -> None:
    (data,) = RankerTool.card.training_data
    assert digest(rare_data / "phenopacket_store_dev.jsonl.gz").sha256 == data.sha256


def test_card_and_library_are_of_the_same_training_data() -> None:
    library = json.loads(LIBRARY.joinpath(CARD).read_text(encoding="utf-8"))
    assert library["version"] in {data.version for data in RankerTool.card.training_data}
    assert library["licence"].strip()


def test_manifest_is_of_this_version_and_these_files(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["version"] == RankerTool.card.version
    assert set(manifest["files"]) == {WEIGHTS, POSTERIOR, TRACE}
    for name, sha256 in manifest["files"].items():
        assert digest(folder / name).sha256 == sha256, name


def test_trace_is_not_empty() -> None:
    trace = RankerTool().trained_on()
    assert trace is not None
    assert trace.publications
    assert trace.patients


def test_folder_holds_safe_formats_only(folder: Path) -> None:
    """Nothing that runs code when it is read: LightGBM's text, JSON, Parquet."""
    found = {path.name for path in folder.iterdir()}
    assert found == {WEIGHTS, POSTERIOR, TRACE, MANIFEST, README}
    weights = (folder / WEIGHTS).read_bytes()
    assert weights.startswith(b"tree\nversion=v"), "not LightGBM's text format"
    assert weights.isascii()
    assert isinstance(json.loads((folder / POSTERIOR).read_text(encoding="utf-8")), dict)
    trace = (folder / TRACE).read_bytes()
    assert (trace[:4], trace[-4:]) == (b"PAR1", b"PAR1")


def test_weights_see_the_features_in_their_order(folder: Path) -> None:
    booster = lgb.Booster(model_file=str(folder / WEIGHTS))
    assert booster.num_feature() == len(FEATURES)
    assert tuple(booster.feature_name()) == FEATURES


def test_readme_is_of_these_weights(folder: Path, readme: str) -> None:
    card = RankerTool.card
    assert f"`{card.id}` {card.version}" in readme.splitlines()[0]
    assert f"{lgb.Booster(model_file=str(folder / WEIGHTS)).num_trees()} trees" in readme
    for name in (WEIGHTS, POSTERIOR, TRACE):
        assert f"`{name}`" in readme
    assert card.licence in readme
    for data in card.training_data:
        assert data.dataset in readme
        assert data.version in readme


def test_readme_names_the_command_that_makes_the_weights_again(readme: str) -> None:
    named = re.search(r"\*\*Made by\*\* `([^` ]+)", readme)
    assert named is not None, "the README names no command"
    script = REPOSITORY / named[1]
    assert script.is_file(), f"there is no {named[1]}"
    text = script.read_text(encoding="utf-8")
    assert f"tools train {RankerTool.card.id}" in text
    for data in RankerTool.card.training_data:
        assert data.version in text, "the script says another version of the training data than the card"


def test_weights_and_library_are_small(folder: Path) -> None:
    with as_file(LIBRARY) as library:
        shipped = [folder / name for name in (WEIGHTS, POSTERIOR, TRACE)]
        shipped += [library / name for name in (COUNTS, DISEASES, CARD)]
        size = sum(path.stat().st_size for path in shipped)
    assert size <= 10 * MEGABYTE
