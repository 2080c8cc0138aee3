"""Turns a candidate into a page."""
