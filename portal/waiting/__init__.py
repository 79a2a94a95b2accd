"""Waiting lists: who waits for a time or a group place, and what was offered to whom, one woman at a time (R23)."""
