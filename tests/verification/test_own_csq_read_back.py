"""The consequences that we write into a VCF come back as they were."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from consequences_agreement import Kit, open_kit, random_snvs

from annotated_vcfs import alleles, batch, info
from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.formats.vcf_annotations import annotation_fields
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.csq_lines import csq_lines
from genopraxis.variants.csq_text import FIELDS, TranscriptWords
from genopraxis.variants.file_consequences import file_consequences

pytestmark = [
    pytest.mark.verification,
    pytest.mark.shared_data,
    pytest.mark.skipif(not shutil.which("bgzip"), reason="bgzip is not installed"),
]
# which of no and unknown is not written, nor is the rule
LOST = {"nmd_escape", "nmd_rule"}


@pytest.fixture(scope="module")
def kit(rare_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return open_kit(rare_data.parent, tmp_path_factory.mktemp("kit"))


def csq_values(one: AnnotatedBatch, words: TranscriptWords, *, by_table: bool = False) -> list[str]:
    lines = csq_lines(
        one,
        words,
        key="CSQ",
        added=np.zeros(0, np.uint8),
        added_ends=np.zeros(len(one.batch), np.int64),
        by_table=by_table,
    )
    return [line.split("\t")[7] for line in lines.tobytes().decode().splitlines()]


def test_own_consequences_come_back(kit: Kit) -> None:
    rows = [
        (pos, ref, (alt, f"{alt},{ref}TG", f"{ref}TGA,<DEL>")[number % 3], ".")
        for number, (pos, ref, alt) in enumerate(random_snvs(kit, 4000, seed=5))
    ]
    plain = batch([], rows, chrom="20")
    table = alleles(plain)
    one = AnnotatedBatch(
        batch=plain, alleles=table, found=kit.annotator.consequences(table), source="genopraxis"
    )
    told = one.consequences
    assert told is not None
    values = csq_values(one, TranscriptWords.of(kit.set))
    assert values == csq_values(one, TranscriptWords.of(kit.set), by_table=True), (
        "the two ways of writing differ"
    )
    description = f"Consequences. Format: {'|'.join(FIELDS)}"
    annotated = batch(
        [info("CSQ", description)],
        [(*row[:3], value) for row, value in zip(rows, values, strict=True)],
        chrom="20",
    )
    (field,) = annotation_fields({"CSQ": description})
    back, repairs = file_consequences(annotated, alleles(annotated), field)
    CONSEQUENCES.check(back, raise_errors=True)
    assert not repairs
    assert back.height == told.height > 15_000
    for column in back.columns:
        if column not in LOST:
            assert back[column].equals(told[column]), column
    # the plugin NMD, whose field is written, marks what escapes alone
    assert back["nmd_escape"].fill_null(value=False).equals(told["nmd_escape"].fill_null(value=False))
    assert told["nmd_escape"].sum() > 100
