"""Variants made comparable: one assembly, one form of every allele, what it does to transcripts."""
