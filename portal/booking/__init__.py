"""Appointments: free times, booking, reminders, replies, attendance. Stores who and which room is taken, in one place.

It never lets a text book, move or cancel, and never stores why she comes.
"""
