"""The wiki elsewhere: its pages as HTML, as Markdown and as a dump for MediaWiki.

A page's text is read into a small tree (`document`, `blocks`, `inlines`), and each format is a walk over that tree
(`html`, `markdown`). `shell` is the frame around every HTML page, `graph` the picture of the links, `search` the data
of the search; `site`, `markdown_site` and `mediawiki_xml` put whole wikis together. Nothing here asks the network.
"""
