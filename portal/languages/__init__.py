"""The languages of her pages and texts: how far each one's words have been read, and which of them women are offered.

Stores the steps that managers take. It holds no words: those lie in `translations/`, each catalogue with its state.
"""
