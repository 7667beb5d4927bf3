"""What is asked of ``genopraxis annotate``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import Assembly
from genopraxis.variants.normalise_counts import MISMATCH_LIMIT

__all__ = ["HAPLOTYPES", "SUMMARY", "Form", "Request"]

HAPLOTYPES = ".haplotypes.parquet"
SUMMARY = (".summary.html", ".summary.json")
"""Endings of the files beside the result."""

Form = Literal["parquet", "vcf", "tsv"]
_SUFFIXES: Mapping[str, tuple[Form, bool]] = {
    ".vcf.bgz": ("vcf", True),
    ".vcf.gz": ("vcf", True),
    ".vcf": ("vcf", False),
    ".tsv.gz": ("tsv", True),
    ".tsv": ("tsv", False),
    ".parquet": ("parquet", False),
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to annotate, with what, and how to write it.

    Parameters
    ----------
    source, out
        The VCF, and the file to write; its name tells the format.
    fasta
        Genome of the assembly of the VCF.
    transcripts, frequencies, clinvar, scores
        Names of what was built, folders, or source files, which are then built once and kept.
    assembly
        What the user says of the VCF.
    all_transcripts
        Report every transcript, not only those that stand for their gene.
    consequences
        ``own``: made from ``transcripts``; ``file``: those that the VCF has; ``None``: ours where transcripts are
        given.
    samples
        Whose genotypes are reported; ``None``: everybody's.
    sex
        ``female`` or ``male`` by sample, as stated elsewhere.
    info
        Further INFO keys to report.
    threads
        Threads at work.
    mismatch_limit
        Largest share of records whose REF may differ from the genome.
    keep_missing_contigs
        Keep records of chromosomes that the genome does not have, without moving or checking them.
    summary
        Write the summary page and its JSON beside ``out``.
    """

    source: Path
    out: Path
    fasta: Path | None = None
    transcripts: str | None = None
    frequencies: Sequence[str] = ()
    clinvar: Sequence[str] = ()
    scores: Sequence[str] = ()
    assembly: Assembly | None = None
    all_transcripts: bool = False
    consequences: Literal["own", "file"] | None = None
    samples: Sequence[str] | None = None
    sex: Mapping[str, str] = field(default_factory=dict)
    info: Sequence[str] = ()
    threads: int = 2
    mismatch_limit: float = MISMATCH_LIMIT
    keep_missing_contigs: bool = False
    summary: bool = True

    def __post_init__(self) -> None:
        if self._suffix is None:
            raise InputError(
                "the name does not say in which format to write",
                where=str(self.out),
                hint=f"end it in one of {', '.join(_SUFFIXES)}",
            )
        for path in (self.out, *(self.beside(suffix) for suffix in (HAPLOTYPES, *SUMMARY))):
            for given in self._given():
                if path.exists() and given.exists() and path.samefile(given):
                    raise InputError(
                        f"would replace {given.name}, which is read",
                        where=str(path),
                        hint="give another name",
                    )
        if self.consequences == "own" and self.transcripts is None:
            raise InputError(
                "own consequences need transcripts", where="--consequences", hint="give --transcripts too"
            )

    def _given(self) -> list[Path]:
        """Return every file or folder that is read, as far as these are paths and not names."""
        named = (self.transcripts, *self.frequencies, *self.clinvar, *self.scores)
        return [self.source, *([self.fasta] if self.fasta else []), *(Path(one) for one in named if one)]

    @property
    def _suffix(self) -> str | None:
        name = self.out.name.lower()
        return next((one for one in _SUFFIXES if name.endswith(one) and len(name) > len(one)), None)

    @property
    def form(self) -> Form:
        """What kind of file to write."""
        return _SUFFIXES[self._suffix or ""][0]

    @property
    def packed(self) -> bool:
        """Whether it is to be bgzip."""
        return _SUFFIXES[self._suffix or ""][1]

    def beside(self, suffix: str) -> Path:
        """Return the name of a file that belongs to the result."""
        return self.out.with_name(self.out.name[: -len(self._suffix or "")] + suffix)
