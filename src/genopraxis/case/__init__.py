"""The patient's way: load, check, run tools, collect evidence, rank, report."""
