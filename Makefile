# Everything from a machine that has Python >= 3.11 and make: each target sets up what it needs.
# Settings: VENV (where to install), PYTHON (which interpreter), PORT (of the demo), EXAMPLES (a law, in `make laws`).
SHELL := /bin/sh
VENV ?= .venv
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
EXAMPLES ?= 2000

BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
CHECK := $(VENV)/.installed-check
PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-all laws check coverage docs bench clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name says; do \
		printf 'make %-10s %s\n' "$$name" "$$says"; done

demo: $(RUN) ## the service with made-up patients and a page to try it; PORT=8081 for another port
	$(BIN)/cds-service demo $(if $(PORT),--port $(PORT))

test: $(TEST) ## all tests that need nothing but Python
	$(BIN)/python -m pytest $(PARALLEL) -m "not browser and not slow and not deploy and not node and not spark"

test-all: $(TEST) $(CHECK) ## tests, checks, coverage, the browser, real nginx, a FHIR server in node, Spark; ends with a table of what ran
	$(BIN)/python -m tests.support.parts

laws: $(TEST) ## the generated laws, long
	HYPOTHESIS_PROFILE=laws EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest $(PARALLEL) -m laws

check: $(CHECK) ## ruff, mypy --strict, and the linters of what deploy/ holds
	$(BIN)/python -m tests.support.parts lint types containers yaml kubernetes proxy unit

coverage: $(TEST) ## branch coverage of the criteria and the mappings, at least 95 %
	$(BIN)/python -m tests.support.parts coverage

docs: $(TEST) ## writes the pages that are printed from tests
	$(BIN)/python -m tests.spec.print_semantics
	$(BIN)/python -m tests.trials.print_coverage
	$(BIN)/python -m tests.trials.draw_drug_history
	$(BIN)/python -m tests.source_attributes.print_page
	$(BIN)/python -m tests.conformance.print_conformance
	$(BIN)/python -m tests.conformance.print_faults

bench: $(TEST) ## what one hook call costs on this machine
	$(BIN)/python -m benchmarks.hook

clean: ## removes the environment and everything built
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and none was found (set PYTHON=/path/to/python3)." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(PIP) --editable .
	@touch $@

$(TEST): $(RUN)
	$(PIP) --editable '.[test]'
	@touch $@

$(CHECK): $(RUN)
	$(PIP) --editable '.[check]'
	@touch $@
