"""Proving who you are: passcodes, passwords, second factors, limits, sessions on the server. Never texts."""
