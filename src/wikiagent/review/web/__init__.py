"""The web pages: the reviewer's loop (`desk_pages.py`, `decisions.py`) and the wiki to read (`wiki_pages.py`).

`server.py` starts a server, `app.py` puts the pages together, `guard.py` stands before all of them: no page is reached
but through it. Pages work without their script; it adds keys, keeps typed text, and shows evidence beside a statement.
"""
