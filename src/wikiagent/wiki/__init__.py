"""The wiki as typed pages and as a graph: reading, rendering, deriving the indexes, and the one atomic edit.

Offers the page types (`page`), `render` and `parse` (`mediawiki`), `read_wiki`, `Wiki` and `add_links` (`graph`),
`derive_indexes` and `read_index` (`indexes`), `apply` and `recover` (`edit`).
"""
