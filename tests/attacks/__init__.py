"""Attacks, tried: what a stranger, a woman or a member of staff could send is sent, and nothing breaks or leaks."""
