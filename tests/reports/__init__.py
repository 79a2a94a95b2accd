"""Tests of the numbers for the scheme."""
