"""What runs phase 3 over a small package, as the tests of the phases do."""

from tests.phases.conftest import agent_run, ledger, run, source, wiki

__all__ = ["agent_run", "ledger", "run", "source", "wiki"]
