# `make` alone lists the commands. Windows: CONTRIBUTING.md has the same in plain lines.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 --dist loadfile
DEMO_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test check docs format clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed $(VENV)/.installed-label  ## make .venv, install tfod and LabelImg in it
	@echo "Installed. Next: source $(BIN)/activate, then tfod --help"

demo: $(VENV)/.installed  ## install, then the whole path on a synthetic camera; ends with pictures
	$(BIN)/tfod demo $(DEMO_ARGS)

test: $(VENV)/.installed-test $(VENV)/.installed-label  ## install what the tests need, then format, lint, types and all tests
	@status=0; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/pytest $(PYTEST_ARGS) || status=1; \
	exit $$status

check: $(VENV)/.installed-test  ## format, lint, types and the fast tests
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && \
	$(BIN)/pytest -q -m "not slow" $(PYTEST_ARGS)

docs: $(VENV)/.installed-test  ## build the web site of docs/ into site/
	$(BIN)/zensical build --clean --strict

format: $(VENV)/.installed-test  ## write the code in the project's format
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean:  ## remove .venv, caches and the demo folder
	rm -rf $(VENV) demo build site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# a stamp is newer than what it was made from, so a second `make` installs nothing
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(MAKE_VENV)
	@echo "Installing tfod and TensorFlow into $(VENV): about 2.8 GB on disk, once, and some minutes ..."
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt
	@$(MAKE_VENV)
	@echo "Installing tfod, TensorFlow and the test tools into $(VENV): about 3.2 GB on disk, once, and some minutes ..."
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[test]"
	@touch $(VENV)/.installed $@

# LabelImg needs PyQt5, which some systems have no package of; all else works without
$(VENV)/.installed-label: $(VENV)/.installed
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[label]" && touch $@ || \
	echo "note: LabelImg could not be installed here, so \`tfod label\` opens no window."

define MAKE_VENV
test -x $(BIN)/pip || { $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4) and \
"error: tfod needs Python 3.11.4 or newer, this is %d.%d.%d. Name one: make PYTHON=python3.11" \
% sys.version_info[:3])' && $(PYTHON) -m venv $(VENV); }
endef
