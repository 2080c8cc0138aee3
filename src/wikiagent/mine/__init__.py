"""Finds signals in the source and merges them into ranked candidates."""
