"""Reads code: syntax trees, chunks for retrieval, and symbols."""
