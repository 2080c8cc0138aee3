"""Lets `python -m wikiagent` do what the `wikiagent` command does."""

from wikiagent.cli import main

main()
