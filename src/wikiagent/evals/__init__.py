"""Scores a wiki against goldens."""
