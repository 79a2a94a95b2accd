"""Counts without names for the scheme. Cells under 5 are hidden."""
