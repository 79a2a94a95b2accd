"""Asking other organisations to help her: what she agrees to, what they are told, what came of it."""
