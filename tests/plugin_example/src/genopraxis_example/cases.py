"""``example-cases``: two invented patients with their datasheet."""

from __future__ import annotations

from pathlib import Path

from genopraxis.contracts.cards import DataFile, Datasheet
from genopraxis.contracts.plugin import Dataset

_FILE = "cases.jsonl"

DATASET = Dataset(
    datasheet=Datasheet(
        name="example-cases",
        version="1",
        task="phenotype",
        description="Two invented patients.",
        licence="CC0-1.0",
        source="written for this example",
        use_codes=("DUO:0000042",),
        composition={"sex": {"female": 1, "male": 1}},
        known_leakage=("None: the patients are invented.",),
        grouping_keys=("publication",),
        may_train_shipped_weights=False,
        files=(
            DataFile(
                path=_FILE,
                sha256="de1b4d205716ea17b79d1953aafe6a5d0d7195625d04aaa17b419477aef0cca4",
                size=352,
            ),
        ),
    ),
    locate=lambda: {_FILE: str(Path(__file__).with_name(_FILE))},
)
