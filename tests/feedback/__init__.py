"""Feedback that leads to nobody."""
