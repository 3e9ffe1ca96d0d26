# Needs make and a Python from 3.11 to 3.13; every target sets up .venv by itself when it is missing or older than the lock.
# PYTHON=... chooses another Python. `test-browser` and `test-cluster` also need Debian's chromium, redis-server and postgresql.

PYTHON ?=
PYTEST_ARGS ?=
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/pip -qq --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest $(PYTEST_ARGS)
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header $(LOCK_ARGS)
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

.PHONY: run test test-browser test-cluster test-realdata lint bench lock clean

run: $(READY)
	@$(BIN)/skytrunk sample

test: $(READY)
	@$(PYTEST) --numprocesses 2 --dist loadfile

test-browser: $(READY)
	@$(PYTEST) -m browser

test-cluster: $(READY)
	@$(PYTEST) -m cluster

test-realdata: $(READY)
	@$(PYTEST) -m realdata

lint: $(READY)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: $(READY)
	@$(BIN)/skytrunk bench

# Keeps the versions that still fit; LOCK_ARGS=--upgrade takes newer ones.
# The three locks of peers are for `make bench` alone.
lock: $(READY)
	@$(COMPILE) --python-version 3.11 requirements.in -o requirements.lock
	@$(COMPILE) --python-version 3.11 pipeline/io/peers/propagation.in -o pipeline/io/peers/propagation.lock
	@$(COMPILE) --python-version 3.12 pipeline/io/peers/counting.in -o pipeline/io/peers/counting.lock
	@$(COMPILE) --python-version 3.11 pipeline/io/peers/routing.in -o pipeline/io/peers/routing.lock

# Removes what can be made again; data/, where your days lie, stays.
clean:
	@rm -rf .venv .cache build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find dags pipeline tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock
	@set -e; found=; \
	for python in $(PYTHON) $(if $(PYTHON),,python3 python3.13 python3.12 python3.11); do \
	  if "$$python" -c '$(SUITABLE)' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Skytrunk needs Python 3.11, 3.12 or 3.13 with venv and pip, and found none$(if $(PYTHON), at $(PYTHON)): install one (Debian: python3 and python3-venv) or name it with PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "setting up .venv with $$("$$found" --version) (once; about 1.5 GB, some minutes)" >&2; \
	"$$found" -m venv --clear .venv
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@said=$$($(BIN)/pip --disable-pip-version-check check) || { echo "$$said" >&2; exit 1; }
	@touch $(READY)
