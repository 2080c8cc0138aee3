"""The queue of drafts and the decisions about them."""
