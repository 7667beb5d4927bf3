"""Trained weights, each with its card; safe formats only."""
