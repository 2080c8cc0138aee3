"""Corruptions of a wiki's text, each one wrong by a test of its own: nothing here uses what the checker reads pages with."""
