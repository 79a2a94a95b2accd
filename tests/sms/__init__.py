"""Tests of the text gateway."""
