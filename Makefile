# Kassa's commands. `make` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Sources are compiled once, not by each of the hundreds of processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# The system's own Python first: whoever builds one by hand (pyenv does) mostly leaves out the optimization by
# profile, and everything takes a third longer.
PYTHON := $(shell for python in /usr/bin/python3 python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
NO_PYTHON := Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all:

# The machine's Node if it is new enough and has npm, else one from PyPI in an environment of its own.
NODE_VERSION_OK := $(shell command -v npm >/dev/null 2>&1 && \
	node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && echo yes)
ifeq ($(NODE_VERSION_OK),yes)
NODE_STAMP :=
NODE_PATH_FIRST :=
else
NODE_STAMP := .venv-node/.stamp
NODE_PATH_FIRST := PATH="$(CURDIR)/.venv-node/bin:$$PATH"
endif

RUNTIME := .venv/.stamp-runtime
DEV := .venv/.stamp-dev
MODULES := node_modules/.stamp
ASSETS := static/dist/manifest.json
PRINT_FONTS := static/print/golos-text-700.ttf
WORDS := $(patsubst %.po,%.mo,$(wildcard ticketing/translations/*/LC_MESSAGES/messages.po))
SOURCES := $(shell find static/src scanner/src scanner/icons -type f 2>/dev/null) $(wildcard scanner/*.*)
EXTRACT := $(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keywords lazy_gettext --keywords say \
	--ignore-dirs '.*' --keywords lazy_ngettext:1,2 --no-location --sort-output --no-wrap --project Kassa --copyright-holder Kassa \
	--output-file .make/messages.pot .
UPDATE := $(BIN)/pybabel --quiet update --input-file .make/messages.pot --output-dir ticketing/translations \
	--no-wrap --no-fuzzy-matching --ignore-obsolete --init-missing
# Header lines that name people, tools and moments: they would change with every run.
NOISE := Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By

.PHONY: help run test check fix build words bench requirements clean
.PHONY: check-style check-types check-imports check-templates check-scripts check-words chromium node-tests

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) build ## install what is missing, load the demo festival, start everything
	@exec $(BIN)/python -m ticketing demo run

test: $(DEV) build check chromium node-tests ## everything that must be green: checks, unit, database and browser tests
	@echo "· tests"
	@$(BIN)/pytest --quiet --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		--ignore tests/meta/test_words.py --durations 25 --durations-min 5

check: $(DEV) $(MODULES) $(WORDS) check-style check-types check-imports check-templates check-scripts check-words ## what can be told without running the product
	@echo "· all checks passed"

fix: $(DEV) ## format the sources and mend what can be mended
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --quiet --reformat templates || true

build: $(ASSETS) $(PRINT_FONTS) $(WORDS) ## make the browser code, style sheets, print fonts and translations

words: $(DEV) ## bring the translations' files up to date with the sources
	@mkdir -p .make
	@$(EXTRACT)
	@for language in kk ru en; do $(UPDATE) --locale $$language; done
	@sed -i -E '/^"($(NOISE)):/d' ticketing/translations/*/LC_MESSAGES/messages.po

bench: $(DEV) build ## measure against the targets, on both databases
	@$(BIN)/python -m bench

requirements: ## pin the newest allowed versions, with hashes (needs uv)
	@for name in requirements requirements-dev requirements-node; do \
		echo "· $$name.txt"; \
		uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make requirements" --output-file $$name.txt $$name.in; done

clean: ## remove what was installed and built; the data in var/ stays
	rm -rf .venv .venv-node .make node_modules static/dist static/print scanner/dist tests/output
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find ticketing -name '*.mo' -delete

# The parts of `check`. Each says what to do when it fails.
check-style: $(DEV)
	@echo "· style (ruff)"
	@$(BIN)/ruff format --quiet --check . || { echo "  -> make fix"; exit 1; }
	@$(BIN)/ruff check --quiet . || { echo "  -> make fix mends some of these"; exit 1; }

check-types: $(DEV)
	@echo "· types (mypy)"
	@$(BIN)/mypy --no-error-summary || { echo "  -> correct the types above"; exit 1; }

check-imports: $(DEV)
	@echo "· who imports whom (import-linter)"
	@mkdir -p .make
	@$(BIN)/lint-imports --no-cache >.make/imports.txt 2>&1 || \
		{ cat .make/imports.txt; echo "  -> the layers are in pyproject.toml, the reason in docs/adr/0001-layout.md"; exit 1; }

check-templates: $(DEV)
	@echo "· templates (djlint)"
	@$(BIN)/djlint --quiet --lint templates || { echo "  -> correct the templates above"; exit 1; }
	@$(BIN)/djlint --quiet --check templates || { echo "  -> make fix"; exit 1; }

check-scripts: $(MODULES)
	@echo "· scripts (tsc)"
	@$(NODE_PATH_FIRST) node_modules/.bin/tsc --project . || { echo "  -> correct the types above"; exit 1; }

check-words: $(DEV)
	@echo "· translations"
	@$(BIN)/pytest --quiet --no-header tests/meta/test_words.py || \
		{ echo "  -> make words, then translate what is new"; exit 1; }

# The parts of `test`. The browsers' long files go first, for a long one at the end leaves a core idle; `check` has
# tested the words.
chromium: $(DEV)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && exit 0; done; \
	echo "· no Chromium on this machine: fetching Playwright's"; \
	$(BIN)/playwright install chromium || { \
		echo "  -> install Chromium (Debian: apt-get install chromium) and run make test again"; exit 1; }

node-tests: $(MODULES) $(NODE_STAMP)
	@echo "· scanner's own tests (node)"
	@$(NODE_PATH_FIRST) node --test --test-reporter=dot tests/scanner/*.test.mjs

# Installing. A stamp is newer than what it was made from, so a second run does nothing.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)"; exit 1; }
	@echo "· Python environment ($(PYTHON))"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip uninstall --quiet --yes setuptools # 10 MB that nothing here uses

$(RUNTIME): requirements.txt | .venv/bin/python
	@echo "· Python packages"
	@$(PIP) --requirement requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | .venv/bin/python
	@echo "· Python packages, with those for tests"
	@$(PIP) --requirement requirements-dev.txt
	@touch $@ $(RUNTIME)

.venv-node/.stamp: requirements-node.txt
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)"; exit 1; }
	@echo "· Node from PyPI (no Node 20 or newer with npm on this machine)"
	@$(PYTHON) -m venv .venv-node
	@.venv-node/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
		--only-binary :all: --requirement requirements-node.txt
	@touch $@

$(MODULES): package-lock.json package.json $(NODE_STAMP)
	@echo "· browser packages (npm)"
	@$(NODE_PATH_FIRST) npm ci --silent --ignore-scripts
	@touch $@

$(ASSETS): static/build.mjs $(MODULES) $(SOURCES)
	@echo "· browser code"
	@$(NODE_PATH_FIRST) node static/build.mjs

$(PRINT_FONTS): static/print_fonts.py $(MODULES) | $(RUNTIME)
	@echo "· fonts of printed documents"
	@$(BIN)/python static/print_fonts.py

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
