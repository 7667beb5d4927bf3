"""What finding groups on one chromosome copy costs per allele, on phased single bases over the GRCh37 chr20 kit.

    python benchmarks/phased_speed.py --data FOLDER [--alleles 1000000] [--seed 1]

Positions are uniform over chromosome 20, so that about one in a hundred is coding, as in a genome. Timed is what
:class:`~genopraxis.variants.phased_codons.PhasedCodons` takes beside normalising and consequences, which are timed too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from consequences_agreement import open_kit

from genopraxis.formats.vcf_genotypes import genotypes
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.normalise import normalise
from genopraxis.variants.phased_codons import PhasedCodons

_HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)


def main() -> None:
    """Print seconds, in all and per allele."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the development data")
    parser.add_argument("--alleles", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = open_kit(chosen.data, folder)
        bases = kit.genome.sequence("20")
        dice = np.random.default_rng(chosen.seed)
        places = np.sort(dice.choice(bases.size - 1, chosen.alleles, replace=False))
        told = np.array(["0|1", "1|0", "1|1"])[dice.integers(0, 3, chosen.alleles)]
        path = folder / "in.vcf"
        with path.open("w") as out:
            out.write(_HEAD)
            for place, gt in zip(places.tolist(), told.tolist(), strict=True):
                ref = chr(bases[place])
                out.write(f"20\t{place + 1}\t.\t{ref}\t{'A' if ref != 'A' else 'G'}\t.\t.\t.\tGT\t{gt}\n")
        for turn in ("warm-up", "measured"):
            phased, spent = PhasedCodons(kit.annotator), dict.fromkeys(("before", "groups"), 0.0)
            rows = alleles = 0
            with VcfReader(path) as reader:
                for batch in reader:
                    begun = time.process_time()
                    table, _ = normalise(batch, genome=kit.genome)
                    one = AnnotatedBatch(
                        batch=batch,
                        alleles=table,
                        found=kit.annotator.consequences(table),
                        genotypes=genotypes(batch)[0],
                    )
                    middle = time.process_time()
                    rows += phased.add(one).height
                    alleles += table.height
                    spent["before"] += middle - begun
                    spent["groups"] += time.process_time() - middle
            begun = time.process_time()
            rows += phased.finish().height
            spent["groups"] += time.process_time() - begun
            print(f"{turn}: {alleles} alleles, {rows} rows; ", end="")
            print(
                ", ".join(f"{what} {1e6 * cost / alleles:.3f} µs an allele" for what, cost in spent.items())
            )


if __name__ == "__main__":
    main()
