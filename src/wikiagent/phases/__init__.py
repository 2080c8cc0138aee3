"""One short script for each phase, over the rest."""
