"""wikiagent: writes and keeps a wiki about a code repository, checkable line by line against its source."""

from importlib.metadata import version

__version__ = version("wikiagent")
