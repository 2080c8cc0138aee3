"""Turns a source (path, package, git revision) into an immutable snapshot, and cuts evidence from it.

Offers `fetch`, `find_snapshot`, `Snapshot`, `Evidence`, `cut` and `Place`.
"""
