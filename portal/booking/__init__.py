"""Appointments: free times, booking, reminders, replies, attendance. One place of truth for who and which room is taken."""
