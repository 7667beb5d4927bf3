"""Groups of alleles of one chromosome copy become rows: who has them, what they do together, what each does alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from genopraxis.contracts.consequences import IMPACTS, NMD_RULES, TERMS
from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES, SAMPLES_NAMED, Phase
from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.hgvs_protein import predicted
from genopraxis.variants.phased_candidates import Runs
from genopraxis.variants.phased_haplotypes import Member, groups, read_pattern
from genopraxis.variants.phased_joint import (
    CODING_TERMS,
    Part,
    describe,
    is_read_through,
    join,
    ordered,
    part,
)

__all__ = ["PhasedJudge"]

_RANK = {impact: place for place, impact in enumerate(IMPACTS)}
_OF_TRANSCRIPT = (
    "gene_id",
    "gene",
    "transcript_id",
    "biotype",
    "mane_select",
    "mane_plus_clinical",
    "canonical",
)


@dataclass(slots=True)
class _Carriers:
    """How many samples have a group, and the first of them by number."""

    count: int
    first: list[int]


_Group = tuple[int, tuple[Member, ...], Phase]


class PhasedJudge:
    """Judges the runs of neighbouring alleles of some transcripts.

    Parameters
    ----------
    alleles
        ``id, record, allele, chrom, pos, ref, alt``.
    samples
        Names by number.
    """

    def __init__(self, annotator: Annotator, alleles: pl.DataFrame, samples: Sequence[str]) -> None:
        self._annotator = annotator
        self._alleles = alleles
        self._samples = samples
        self._bases: dict[int, tuple[int, str, str]] = {}
        self._parts: dict[tuple[int, int], Part | None] = {}
        self._read: dict[tuple[int, tuple[int, ...]], bool] = {}

    def rows(self, near: Runs, carriers: pl.DataFrame) -> pl.DataFrame:
        """Return the groups of runs whose alleles ``carriers`` (``id, sample, label``) have.

        Returns
        -------
        polars.DataFrame
            Rows as :data:`~genopraxis.contracts.haplotype_consequences.HAPLOTYPE_CONSEQUENCES`, by record and
            transcript.
        """
        if not len(near):
            return HAPLOTYPE_CONSEQUENCES.empty()
        ids = pl.Series(near.pairs.allele).unique().implode()
        self._alleles = self._alleles.filter(pl.col("id").is_in(ids))
        self._bases = {
            number: (pos, ref, alt)
            for number, pos, ref, alt in self._alleles.select("id", "pos", "ref", "alt").iter_rows()
        }
        found = self._groups(near, carriers.filter(pl.col("id").is_in(ids)))
        rows = list(self._written(found)) if found else []
        return pl.DataFrame(rows, schema=HAPLOTYPE_CONSEQUENCES.schema, orient="row").sort(
            pl.col("records").list.min(), "pos", "transcript_id", maintain_order=True
        )

    def _groups(self, near: Runs, carriers: pl.DataFrame) -> dict[_Group, _Carriers]:
        """Return the groups, each with who has it; every pattern of alleles and phases is looked at once."""
        sets: dict[tuple[int, ...], int] = {}
        transcripts: list[list[tuple[int, dict[int, Member]]]] = []
        for transcript, own in self._members(near):
            key = tuple(sorted(own))
            if key not in sets:
                sets[key] = len(sets)
                transcripts.append([])
            transcripts[sets[key]].append((transcript, own))
        belongs = pl.DataFrame(
            {
                "set": [number for key, number in sets.items() for _ in key],
                "id": [one for key in sets for one in key],
            },
            schema={"set": pl.Int64, "id": pl.Int64},
        )
        patterns = (
            belongs.join(carriers, on="id")
            .sort("set", "sample", "id")
            .group_by("set", "sample", maintain_order=True)
            .agg(pattern=pl.col("label").str.join(";"), size=pl.len())
            .filter(pl.col("size") > 1)
            .group_by("set", "pattern", maintain_order=True)
            .agg(samples=pl.len(), first=pl.col("sample").head(SAMPLES_NAMED))
        )
        out: dict[_Group, _Carriers] = {}
        for number, pattern, samples, first in patterns.iter_rows():
            carried = read_pattern(pattern)
            for transcript, own in transcripts[number]:
                for group, phase in groups(carried, own, read=partial(self._is_read, transcript)).items():
                    if self._placed(transcript, group) is None:
                        continue
                    known = out.setdefault((transcript, group, phase), _Carriers(0, []))
                    known.count += samples
                    known.first = sorted([*known.first, *first])[:SAMPLES_NAMED]
        return out

    def _members(self, near: Runs) -> Iterator[tuple[int, dict[int, Member]]]:
        pairs = near.pairs
        record_of = dict(self._alleles.select("id", "record").iter_rows())
        columns = zip(
            pairs.allele.tolist(), pairs.low.tolist(), pairs.high.tolist(), pairs.first.tolist(),
            pairs.last.tolist(), pairs.grown.tolist(), strict=True,
        )  # fmt: skip
        members = [
            Member(number, record_of[number], low, high, first, last, grown)
            for number, low, high, first, last, grown in columns
        ]
        for low, high in zip(near.offset[:-1].tolist(), near.offset[1:].tolist(), strict=True):
            yield int(pairs.transcript[low]), {one.id: one for one in members[low:high]}

    def _is_read(self, transcript: int, members: Sequence[Member]) -> bool:
        key = transcript, tuple(one.id for one in members)
        if key not in self._read:
            parts = self._placed(transcript, members)
            view = self._annotator.view(transcript)
            self._read[key] = parts is not None and is_read_through(view, members, parts)
        return self._read[key]

    def _placed(self, transcript: int, group: Sequence[Member]) -> list[Part] | None:
        """Return the members on the transcript; ``None`` when one is not wholly in coding bases of one exon."""
        out: list[Part] = []
        for one in group:
            key = (transcript, one.id)
            if key not in self._parts:
                pos, ref, alt = self._bases[one.id]
                self._parts[key] = part(self._annotator.view(transcript), pos=pos, ref=ref, alt=alt)
            own = self._parts[key]
            if own is None:
                return None
            out.append(own)
        return out

    def _written(self, found: dict[_Group, _Carriers]) -> Iterator[dict[str, Any]]:
        ids = {one.id for _, members, _ in found for one in members}
        alleles = self._alleles.filter(pl.col("id").is_in(pl.Series(sorted(ids)).implode()))
        alone = self._alone(alleles)
        named = {row["id"]: row for row in alleles.iter_rows(named=True)}
        for (transcript, members, phase), have in found.items():
            own = [alone[one.id, transcript] for one in members]
            yield (
                self._row(transcript, members, phase, own)
                | {
                    "chrom": named[members[0].id]["chrom"],
                    "pos": min(named[one.id]["pos"] for one in members),
                    "records": [named[one.id]["record"] for one in members],
                    "alleles": [named[one.id]["allele"] for one in members],
                    "variants": [
                        ":".join(str(named[one.id][name]) for name in ("chrom", "pos", "ref", "alt"))
                        for one in members
                    ],
                    "samples": have.count,
                    "sample_names": [self._samples[number] for number in have.first],
                }
            )

    def _alone(self, alleles: pl.DataFrame) -> dict[tuple[int, int], dict[str, Any]]:
        """Return what each allele does alone to each transcript, as the table of consequences says it."""
        consequences = self._annotator.consequences(alleles)
        table = consequence_table(consequences, intergenic=False)
        ids = alleles["id"].to_list()
        return {
            (ids[row], transcript): one
            for row, transcript, one in zip(
                consequences.rows.tolist(),
                consequences.transcripts.tolist(),
                table.iter_rows(named=True),
                strict=True,
            )
        }

    def _row(
        self, transcript: int, members: tuple[Member, ...], phase: Phase, alone: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        view = self._annotator.view(transcript)
        parts = self._placed(transcript, members) or []
        joint = join(view, parts)
        kept = {term for one in alone for term in one["consequence"]} - CODING_TERMS
        terms = ordered(joint.terms | kept)
        impact = TERMS[terms[0]]
        worst = min((one["impact"] for one in alone), key=_RANK.__getitem__)
        ranks = _RANK[impact], _RANK[worst]
        rule = 0
        if joint.stop is not None:
            rule = 1 + int(kernels.nmd_rule(self._annotator.tables, transcript, joint.stop))
        return {
            **{name: alone[0][name] for name in _OF_TRANSCRIPT},
            "phase": phase,
            "phased": phase != "unknown",
            "consequence": terms,
            "impact": impact,
            "worst_single_impact": worst,
            "impact_change": "same" if ranks[0] == ranks[1] else "higher" if ranks[0] < ranks[1] else "lower",
            "hgvs_c": describe(
                view, parts, [one["hgvs_c"] for one in alone], genome=self._annotator.genome, phase=phase
            ),
            "hgvs_p": None if joint.protein_change is None else predicted(joint.protein_change),
            "protein_change": joint.protein_change,
            "cds_pos": joint.cds or members[0].low + 1,
            "protein_pos": joint.codon or members[0].first + 1,
            "codons": joint.codons,
            "amino_acids": joint.amino_acids,
            "nmd_escape": rule > 1 if rule else None,
            "nmd_rule": NMD_RULES[rule - 2] if rule > 1 else None,
            "single_consequences": ["&".join(one["consequence"]) for one in alone],
            "single_impacts": [one["impact"] for one in alone],
            "single_hgvs_c": [one["hgvs_c"] for one in alone],
            "single_hgvs_p": [one["hgvs_p"] for one in alone],
            "flags": list(dict.fromkeys(flag for one in alone for flag in one["flags"])),
        }
