# Gianh: everything from a fresh clone with Python 3.11 or later, git and make.
#   make demo     the simulated town, until Ctrl-C          (ARGS="--no-browser --json" goes to gianh demo)
#   make test     what must pass before anything lands
#   make bench    how fast, and against what                (ARGS as well)
#   make long     the proofs that take long
#   make dashboards  a picture of every dashboard, from a simulated week, in build/dashboards
#   make check    style, types and import rules only
#   make lock     choose versions anew, from pyproject.toml
#   make wheels   ask the package index for 64-bit Raspberry Pi wheels, and write docs/wheels.md
#   make screenshots  every page of the console, into build/screenshots
#   make clean    remove what make made

.DEFAULT_GOAL := demo
.PHONY: demo test bench long dashboards check lock wheels clean servers screenshots
SHELL := /bin/sh
# Three for two cores: while one waits for a server, the others work.
JOBS ?= 3
ARGS ?=

# Compiled modules are kept, whatever the surroundings say: the tests start gianh some hundred times.
export PYTHONDONTWRITEBYTECODE :=

FIND_PYTHON := for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done
PYTHON ?= $(shell $(FIND_PYTHON))
ROOM := .venv
IN := $(ROOM)/bin
PIP := $(IN)/python -m pip --disable-pip-version-check --no-input --quiet

# An environment serves as long as the lock, the project's own metadata, this folder and Python stay.
RUN_ID := $(shell { cat requirements.lock pyproject.toml; pwd; $(PYTHON) -VV; } 2>/dev/null | cksum | cut -d' ' -f1)
DEV_ID := $(shell { echo $(RUN_ID); cat requirements-dev.lock; } | cksum | cut -d' ' -f1)
RUN := $(ROOM)/run-$(RUN_ID)
DEV := $(ROOM)/dev-$(DEV_ID)

demo: $(RUN)
	@$(IN)/gianh demo $(ARGS)

test: servers check
	@$(IN)/python -m pytest -n $(JOBS) --no-loadscope-reorder -m "not long" $(ARGS)

bench: $(DEV) servers
	@set -e; for file in tests/benchmarks/bench_*.py; do \
	    $(IN)/python -m tests.benchmarks.$$(basename $$file .py) $(ARGS); done

long: $(DEV) servers
	@$(IN)/python -m pytest -m long --timeout 3600 $(ARGS)

dashboards: $(DEV) servers
	@$(IN)/python -W ignore -m tests.centre.pictures build/dashboards $(ARGS)

check: $(DEV)
	@$(IN)/ruff check
	@$(IN)/ruff format --check
	@$(IN)/mypy
	@$(IN)/lint-imports

servers:
	@sh tests/house/need.sh

$(RUN):
	@test -n "$(PYTHON)" || { echo "Gianh needs Python 3.11 or later: install it (Debian: python3)." >&2; exit 1; }
	@rm -rf $(ROOM)
	@$(PYTHON) -m venv $(ROOM) >/dev/null || { rm -rf $(ROOM); \
	    echo "$(PYTHON) cannot make environments: install its venv module (Debian: apt-get install python3-venv)." >&2; \
	    exit 1; }
	@echo "Installing into $(ROOM): once, and again when requirements.lock changes" >&2
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-index --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

# uv chooses the versions, for every Python and machine at once; pip alone installs them.
UV := build/lock-venv/bin/uv
COMPILE := $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --custom-compile-command "make lock" --extra centre --extra console --extra demo --extra reports pyproject.toml tests/house/build.in

lock: $(UV)
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

$(UV):
	@$(PYTHON) -m venv build/lock-venv
	@build/lock-venv/bin/python -m pip --disable-pip-version-check --quiet install uv

wheels: $(RUN)
	@$(IN)/python tests/house/wheels.py

screenshots: $(DEV) servers
	@$(IN)/python -m tests.browser.screenshots $(ARGS)

clean:
	@rm -rf $(ROOM) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find edge drivers cloud_sync provisioning simulators tests -name __pycache__ -type d -prune -exec rm -rf {} +
