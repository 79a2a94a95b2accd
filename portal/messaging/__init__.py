"""Texts and messages: outbox, inbox, threads, wording. Never knows what an appointment is."""
