"""Pages as text and back: `parse(render(page), page.kind, page.name) == page`.

`markup.py` has the escaping and the headings, `render.py` the one way of writing, `parse.py` the lenient reading.
"""

from wikiagent.wiki.parse import parse
from wikiagent.wiki.render import render

__all__ = ["parse", "render"]
