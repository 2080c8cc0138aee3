"""Corruptions of a wiki's text, each wrong by a test of its own; nothing here uses the code that reads pages."""
