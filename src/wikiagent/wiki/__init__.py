"""The wiki as typed pages and as a graph: reading, rendering, deriving the indexes, and the one atomic edit."""
