"""Rules that decide whether a page may stand; pure functions, no model."""
