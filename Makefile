# What a fresh machine needs: Python 3.11+, make and git. Everything else is installed here, from lock/.
#
#   make run     a live demo building on http://127.0.0.1:8080 (PLANTROOM_PORT and PLANTROOM_DATA choose others)
#   make test    everything: checks, a real broker, real databases, a real browser
#   make check   only the quick checks
#   make bench   numbers for this machine
#   make faults  ten minutes of load while processes die, the store goes away and its spool fills up
#   make lock    resolve the dependencies of pyproject.toml anew into lock/
#   make clean   remove what was built; the data folder stays

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: run test check bench faults lock clean install install-web install-dev packages web

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WEB := dashboards/web

# the first Python that is new enough; PYTHON=/path/to/python make ... chooses another
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# stamps live inside the environment: removing .venv is enough to start over
MADE := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
WEB_TOOLS := $(VENV)/.web-tools
DEV := $(VENV)/.dev
DIST := $(WEB)/dist/index.html
WEB_SOURCES = $(shell find $(WEB) \( -name node_modules -o -name dist -o -name '.*' \) -prune -o -type f -print)

run: install $(DIST)
	@exec $(BIN)/plantroom up --demo

test: packages install-dev $(DIST)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n $${PLANTROOM_TEST_WORKERS:-2} --no-loadscope-reorder

check: install-dev $(DIST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@cd $(WEB) && ../../$(BIN)/python -c 'import build; build.install(build.node_environment())'
	cd $(WEB) && PATH="$(CURDIR)/$(BIN):$$PATH" npm run check
	$(BIN)/python $(WEB)/tools/api.py --check

bench: install-dev $(DIST)
	@for file in tests/bench/bench_*.py; do \
		name=$$(basename $$file .py); echo; echo "== $$name"; $(BIN)/python -m tests.bench.$$name || exit 1; done

faults: install-dev $(DIST)
	$(BIN)/python -m tests.faults.harness --minutes $${MINUTES:-10}

install: $(RUNTIME)
install-web: $(WEB_TOOLS)
install-dev: $(DEV)
web: $(DIST)

$(MADE):
	@if [ -z "$(PYTHON)" ]; then \
		echo "plantroom: Python 3.11 or newer is needed; found: $$(python3 --version 2>&1 || echo none)." >&2; \
		echo "           Install one and say which: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "plantroom: $(PYTHON) cannot make virtual environments (ensurepip is missing)." >&2; \
		echo "           On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUNTIME): lock/requirements.txt lock/requirements-build.txt pyproject.toml | $(MADE)
	@echo "Installing Plantroom (a minute, the first time) ..."
	@$(PIP) install --quiet --require-hashes -r lock/requirements.txt -r lock/requirements-build.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB_TOOLS): lock/requirements-web.txt | $(RUNTIME)
	@echo "Installing what builds the web app ..."
	@$(PIP) install --quiet --require-hashes -r lock/requirements-web.txt
	@touch $@

$(DEV): lock/requirements-dev.txt | $(RUNTIME) $(WEB_TOOLS)
	@echo "Installing what the tests need ..."
	@$(PIP) install --quiet --require-hashes -r lock/requirements-dev.txt
	@touch $@

$(DIST): $(WEB_SOURCES) | $(WEB_TOOLS)
	@echo "Building the web app (two minutes, the first time) ..."
	@$(BIN)/python $(WEB)/build.py
	@touch $@

packages:
	@sh tests/packages.sh

# one resolution for all: what the tests run with is what users get
lock: install-dev
	@for group in "" build web dev; do \
		if [ -z "$$group" ]; then set -- pyproject.toml; out=lock/requirements.txt; \
		else set -- --group $$group -c lock/requirements.txt; out=lock/requirements-$$group.txt; fi; \
		echo "$$out"; \
		$(BIN)/uv pip compile "$$@" --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --upgrade -o $$out || exit 1; \
	done

clean:
	rm -rf $(VENV) .build dist $(WEB)/dist $(WEB)/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
