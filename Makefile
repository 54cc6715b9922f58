# Every command a newcomer needs. It asks for nothing but make and Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --group build \
	--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse
LAYERS := activities api demo emails providers reports sandbox store workflows
MODULES := cli.py home.py local.py logs.py processes.py server.py settings.py worker.py
BENCHMARKS ?= journeys history actions parked books companies entities reports categories

.PHONY: run install test gate check chaos bench histories lock

run: .venv/run-time  ## start everything on embedded defaults, with ten demo customers
	@exec $(BIN)/rapport up --demo

install: .venv/development  ## only the set-up

test: .venv/development  ## the whole test suite; COVERAGE=yes: with the gate on branch coverage
	$(BIN)/python -m pytest -n 3 $(if $(COVERAGE),--cov --cov-report=)
	@$(if $(COVERAGE),$(MAKE) --no-print-directory gate)

gate:
	@$(BIN)/coverage report --skip-empty --fail-under=100 --include='domain/*'
	@for layer in $(LAYERS); do \
		$(BIN)/coverage report --skip-empty --fail-under=90 --include="$$layer/*" || exit 1; \
	done
	@for module in $(MODULES); do \
		$(BIN)/coverage report --skip-empty --fail-under=90 --include="$(CURDIR)/$$module" || exit 1; \
	done

check: .venv/development  ## format, lint, types, import laws
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

chaos: .venv/development  ## 200 journeys while processes are killed at random: some minutes, on a machine with nothing else to do
	RAPPORT_CHAOS=yes $(BIN)/python -m pytest tests/crash/test_random_kills.py

histories: .venv/development  ## live the recorded lives anew, keep what is new, accept their fingerprints
	$(BIN)/python -m tests.histories.record

bench: .venv/development  ## the benchmarks, and their table; RAPPORT_BENCH_SCALE=0.1: a tenth of each
	$(BIN)/python -m pytest -s $(BENCHMARKS:%=benchmarks/%.py)
	$(BIN)/python -m benchmarks.table

lock: .venv/development  ## take the newest releases that pyproject.toml allows
	$(LOCK) --upgrade --output-file requirements.txt
	$(LOCK) --upgrade --group dev --constraint requirements.txt --output-file requirements-dev.txt

# The stamps say what .venv holds: a second call finds nothing to do.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rapport needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo "Setting up .venv. The first time takes a minute or two."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/run-time: .venv/bin/python pyproject.toml requirements.txt
	@$(PIP) install --no-deps --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The development lock is a superset of the other one, so this fills both stamps.
.venv/development: .venv/bin/python pyproject.toml requirements.txt requirements-dev.txt
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch .venv/run-time $@
