# wikiagent: every target sets up what it needs in .venv
.DEFAULT_GOAL := help
.PHONY: help demo test test-web lint format crash-test bench eval clean
PYTHON ?= python3
BIN := .venv/bin
WIKI := wiki/huggingface_peft

help:  ## Show the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "wikiagent needs Python 3.11 or newer as '$(PYTHON)'; install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; install it (on Debian and Ubuntu: apt install python3-venv) and run make again." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: pyproject.toml .venv/.python
	@echo "Installing wikiagent into .venv (once; about 600 MB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.dev: pyproject.toml .venv/.run
	@echo "Installing the development tools into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

demo: .venv/.run  ## Write a wiki about peft 0.18.1 into wiki/huggingface_peft
	@$(BIN)/wikiagent enrich --phase 3 --accept-valid
	@echo "Open $(WIKI)/_HeuristicIndex.md and the pages it lists; $(WIKI)/_reports/phase3_enrichment.md says what was done."

lint: .venv/.dev  ## Check style, types and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/.dev  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test: lint  ## Run all checks, then all tests
	@$(BIN)/pytest --cov --cov-report=term

test-web: .venv/.dev  ## Run the tests in Chromium and MediaWiki, where they are installed
	@$(BIN)/pytest -m web tests/web

crash-test: .venv/.dev  ## Kill every operation and the review server at 200 moments
	@$(BIN)/python -m tests.crash --moments 200

.venv-peers/.done: benchmarks/peers/requirements.txt .venv/.python
	@echo "Installing the libraries to compare with into .venv-peers (once) ..."
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

bench: .venv/.dev .venv-peers/.done  ## Measure quality and speed beside other libraries; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks.results

eval: .venv/.dev  ## Score the extractive drafter against the goldens; fails where pages became worse
	@status=0; for config in evals/*.toml; do $(BIN)/wikiagent --quiet eval run $$config || status=$$?; done; exit $$status

clean:  ## Remove the environment and the caches (keeps store/ and wiki/)
	@rm -rf .venv .venv-peers .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
