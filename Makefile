# Each target sets up .venv by itself when it is missing or older than the lock. Only Python and make are needed.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.13 >/dev/null 2>&1 && python3.13 -c '' 2>/dev/null && echo python3.13 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
HOME_DIR ?= data
PYTEST ?= $(BIN)/python -m pytest

.PHONY: run test test-browser test-cluster test-realdata lint bench lock clean
.DEFAULT_GOAL := run

$(STAMP): requirements.lock pyproject.toml
