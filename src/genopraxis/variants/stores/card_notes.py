"""What a user must know of a store before relying on its answers, in sentences, each time it is used."""

from __future__ import annotations

from collections.abc import Iterator

from genopraxis.knowledge.variant_store_card import StoreCard
from genopraxis.variants.stores.rows import some_of

__all__ = ["card_notes"]


def card_notes(card: StoreCard, *, has_genome: bool) -> Iterator[str]:
    """Yield what limits the answers of a store.

    Parameters
    ----------
    has_genome
        Whether the variants that it is asked for are normalised with a FASTA.
    """
    if card.unmoved:
        n = sum(card.unmoved.values())
        yield (
            f"{n:,} of its records are on contigs that its FASTA lacked ({some_of(card.unmoved)}): indels there were "
            "not moved to the left, and those in repeats may not be found"
        )
    elif has_genome and card.normalised == "without a genome":
        yield (
            "its indels were not moved to the left, since it was built without --fasta; those in repeats may not be "
            "found"
        )
    yield from _left_out(card)
    if card.kind == "clinvar":
        return
    if card.covered == "inferred":
        yield f"no regions are stated (--covered): {card.covered_how}"
    elif card.covered == "assumed":
        yield "no regions are stated: every contig with variants counts as covered as a whole"


def _left_out(card: StoreCard) -> Iterator[str]:
    told = [f"{n:,} × {reason.replace('_', ' ')}" for reason, n in card.left_out.items()]
    if not told:
        return
    unusable = f"; {card.unusable:,} variant(s) of these are answered not_covered" if card.unusable else ""
    yield f"left out of its source: {', '.join(told)}{unusable}"
