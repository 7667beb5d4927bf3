"""Intervals, bootstrap and metrics that many rooms need."""
