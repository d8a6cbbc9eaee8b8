"""Searching by meaning beside searching by words: optional, see README."""
