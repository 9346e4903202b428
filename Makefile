.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install run test check lint evaluate benchmark clean

help:  ## what can be made here
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Zhike needs Python 3.11 or newer; name it with make PYTHON=…" && exit 1)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serving: pyproject.toml | $(BIN)/python
	@echo "Installing what serving needs…"
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.testing: pyproject.toml | $(VENV)/.serving
	@echo "Installing what the tests need…"
	$(BIN)/pip install --quiet --editable '.[test]'
	@touch $@

install: $(VENV)/.serving  ## install what serving needs into .venv/ and build the search index
	$(BIN)/zhike index build

run: install  ## install, start everything with the demo, and print what to open
	$(BIN)/zhike serve --demo

# Tests run side by side, so that each needs one thread, not all.
test: export OMP_NUM_THREADS := 1
test: export OPENBLAS_NUM_THREADS := 1
test: install $(VENV)/.testing  ## install the rest and run the tests
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --ignore tests/web
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile tests/web

check: $(VENV)/.testing  ## validate the knowledge base
	$(BIN)/zhike kb check

lint: $(VENV)/.testing  ## style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/lint-imports

evaluate: install $(VENV)/.testing  ## measure how well questions are answered
	$(BIN)/zhike evaluate

benchmark: $(VENV)/.testing  ## measure speed and memory
	$(BIN)/python -m benchmarks

clean:  ## remove what was built; the database in data/ stays
	rm -rf build .pytest_cache .ruff_cache data/index
