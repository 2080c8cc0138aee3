"""The agent over the small package, as the tests of the phases run it."""

from tests.phases.conftest import agent_run, ledger, source, wiki

__all__ = ["agent_run", "ledger", "source", "wiki"]
