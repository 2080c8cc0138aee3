"""The queue of drafts: what may be decided about one (`queue.py`)."""
