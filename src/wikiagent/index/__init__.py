"""Search over the chunks of a snapshot: BM25 and vectors, fused."""
