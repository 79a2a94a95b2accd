# Needs only Python 3.11 or newer, pip and make; everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# The first Python on the path that is new enough.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

PIP_INSTALL := install --quiet --disable-pip-version-check --require-hashes --requirement
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))

.DEFAULT_GOAL := help
.PHONY: help run ready test check bench format words scan

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/installed-run bytecode $(CATALOGUES) ## start web server and worker with demo data (PORT, default 8000); Ctrl-C ends both
	@exec $(BIN)/python -m portal.jobs.supervisor

ready: $(VENV)/installed-run bytecode $(CATALOGUES) ## install and compile what a server needs, without starting it

test: $(VENV)/installed-dev $(CATALOGUES) ## run every test (ARGS="tests/booking -x" for some)
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup -m "not alone" $(ARGS)
	@$(BIN)/python -m pytest -m alone $(ARGS) || test $$? -eq 5

check: $(VENV)/installed-dev $(CATALOGUES) ## lint, types, import order, common weaknesses, translations, HTML validity
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive portal wsgi.py
	@$(MAKE) --silent .venv-tools/installed || true
	@$(BIN)/python -m tests.support.advisories .venv-tools/bin/pip-audit
	$(BIN)/python -m tests.support.catalogues
	@rm -rf build/pages
	KEEP_PAGES=build/pages $(BIN)/python -m pytest tests/html
	@$(MAKE) --silent .venv-html/installed || true
	@$(BIN)/python -m tests.support.nu build/pages .venv-html

bench: $(VENV)/installed-dev $(CATALOGUES) ## measure: a table on screen and build/bench.json
	@$(BIN)/python -m tests.load.bench $(ARGS)

scan: $(VENV)/installed-dev .venv-scan/installed $(CATALOGUES) ## a web scanner (wapiti) at the demo, by hand: 10 minutes at most (ARGS="600" gives each of the three 10)
	@$(BIN)/python -m tests.support.scan .venv-scan/bin/python $(ARGS)

format: $(VENV)/installed-dev ## put the code in its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

words: $(VENV)/installed-dev ## collect the words to translate into every catalogue
	$(BIN)/python -m tests.support.catalogues --update

# Debian ships Python without ensurepip; there the machine's own pip fills the environment.
$(BIN)/python:
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed and was not found))
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)

$(VENV)/installed-%: requirements/%.txt | $(BIN)/python
	@echo "Installing $< (only when it has changed)"
	@if $(BIN)/python -c 'import pip' 2>/dev/null; then $(BIN)/python -m pip $(PIP_INSTALL) $<; \
	else $(PYTHON) -m pip --python $(BIN)/python $(PIP_INSTALL) $<; fi
	@$(COMPILE) $(VENV)
	@touch $@

# Tools with so many packages of their own that they stay out of .venv.
.venv-%/installed: requirements/%.txt
	@$(PYTHON) -m venv --clear .venv-$* >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip .venv-$*
	@if .venv-$*/bin/python -c 'import pip' 2>/dev/null; then pip=".venv-$*/bin/python -m pip"; \
	else pip="$(PYTHON) -m pip --python .venv-$*/bin/python"; fi; \
	$(foreach file,$(filter-out $<,$^),$$pip $(PIP_INSTALL) $(file) && )$$pip $(PIP_INSTALL) $< $(BUILD)
	@touch $@

# The HTML checker comes as source alone. Left to itself pip would fetch what builds it without asking for a hash.
.venv-html/installed: BUILD := --no-build-isolation --use-pep517
.venv-html/installed: requirements/build.txt

# Bytecode with and without docstrings: the servers run without them, which spares 5 MB each, and start twice as fast.
COMPILE = $(BIN)/python -m compileall -q -o 0 -o 2 -j 0
.PHONY: bytecode
bytecode: $(VENV)/installed-run
	@$(COMPILE) portal wsgi.py

# Every target that needs these names the requirements first, so that pybabel is there.
translations/%.mo: translations/%.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
