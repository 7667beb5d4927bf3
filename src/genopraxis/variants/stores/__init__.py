"""Stores of frequencies, ClinVar and scores, and transcript sets, built from the files that their makers publish."""
