"""The only room that knows the text gateway: a protocol, Twilio, a demo gateway, segments.

Stores nothing, and decides nothing about whom to text, when, or in what words.
"""
