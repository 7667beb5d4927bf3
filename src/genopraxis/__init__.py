"""Genopraxis: AI tools for genomic medicine, and the proof that each of them works."""

__version__ = "0.1.0"
