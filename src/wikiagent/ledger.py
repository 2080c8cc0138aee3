"""The SQLite record of runs, drafts, findings and decisions: the one module that speaks SQL."""
