# Set-up happens by itself: every target that runs something first makes .venv from the pinned requirements.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
ONLY ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run test attacks bench load chaos check format lock clean

help: ## Say what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.ready ## Run against a local Slack, to be used in the browser (ARGS=--once plays the main job in text and ends)
	$(BIN)/license-desk demo $(ARGS)

run: $(VENV)/.ready ## Run the bot with the settings of the environment and .env
	$(BIN)/license-desk run $(ARGS)

test: $(VENV)/.ready ## Run every test, on SQLite and on a PostgreSQL of its own (ARGS and TESTS pass on)
	$(BIN)/python -m pytest --numprocesses auto $(ARGS) $(TESTS)

walk: $(VENV)/.ready ## Draw every message and form, on a wide screen and on a dark phone, as pictures in build/walk
	LICENSE_DESK_WALK=build/walk $(BIN)/python -m pytest $(ARGS) tests/page/test_walk.py

bench: $(VENV)/.ready ## Measure side by side what has to be fast, into build/bench (ONLY=slots for one row)
	$(BIN)/python -m tests.bench $(ONLY)

load: $(VENV)/.ready ## Let a Monday morning of 1,000,000 slots pass on a PostgreSQL of its own, into build/bench/monday.json
	$(BIN)/python -m tests.bench.monday

chaos: $(VENV)/.ready ## Kill the program 200 times on each database amid troubles, send it 100,000 changed payloads, and check (ARGS=--seed N)
	$(BIN)/python -m tests.chaos $(ARGS)

attacks: $(VENV)/.ready ## Take every defense out of a copy, one by one, and see the test of its attack fail (ONLY=replay for some)
	$(BIN)/python -m tests.attacks $(if $(ONLY),--only "$(ONLY)")

check: $(VENV)/.ready ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready ## Put the code into its format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lock: ## Pin every package anew, with hashes (needs uv)
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet --output-file requirements-dev.txt
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet \
	  --constraints requirements-dev.txt --output-file requirements.txt

clean: ## Remove what was set up
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# uv where it is on the PATH, else pip; the hashes are checked either way.
$(VENV)/.ready: requirements-dev.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@touch $@
