"""Search over the chunks of a snapshot: BM25 and vectors together.

Offers `embed.embedder_of`, `retrieve.open_index` and what it returns, `retrieve.Index` with `search`.
"""
