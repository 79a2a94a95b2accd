"""Groups: courses of dated sessions with a fixed number of places, and who has one.

A woman's own part in a session is an appointment of hers.
"""
