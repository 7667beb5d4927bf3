# Everything needs only Python >= 3.11 with pip and venv. Each target makes the environment that it needs, from
# hash-pinned lock files, and keeps it until its lock file changes. `make help` lists the targets.

PYTHON ?= python3
DEMO := .venv-demo
TEST := .venv-test
LOCK := .venv-lock
# twice quiet: errors only
PIP_OPTIONS := -qq --disable-pip-version-check
# only what a lock file names, by hash, and only built packages: nothing that is fetched runs code when it is installed
LOCKED_ONLY := --require-hashes --only-binary :all:
SOURCES := $(shell find src -type f -not -name '*.pyc' | sed 's/ /\\ /g')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SILENT:
.PHONY: help demo test lint format docs lock wheel clean python

help: ## list the targets
	sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

demo: $(DEMO)/installed ## set everything up, and diagnose the invented patients of examples/ into demo-output/
	rm -rf demo-output
	$(DEMO)/bin/genopraxis diagnose examples/*.json examples/*.yaml --out demo-output
	echo
	echo "Two bad files; each must be refused with one message and exit code 2:"
	for bad in examples/bad/*; do \
	  code=0; $(DEMO)/bin/genopraxis diagnose "$$bad" --out demo-output/bad || code=$$?; \
	  test $$code -eq 2 || { echo "make demo: $$bad gave exit code $$code, not 2"; exit 1; }; \
	done
	echo
	echo "Open these reports in a browser:"
	ls demo-output/*/report.html

test: $(TEST)/installed ## run all tests, with coverage
	$(TEST)/bin/python -m pytest --cov=genopraxis --cov-report=term:skip-covered

lint: $(TEST)/installed ## ruff (rules and format) and mypy (strict)
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/mypy

format: $(TEST)/installed ## let ruff format and repair what it can
	$(TEST)/bin/ruff check --fix .
	$(TEST)/bin/ruff format .

docs: $(TEST)/installed ## build the documentation; a warning is an error
	$(TEST)/bin/sphinx-build --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
	echo "documentation: docs/_build/html/index.html"

lock: $(LOCK)/installed ## resolve the lock files again, to the newest versions that fit (UPGRADE= keeps pinned ones)
	for name in core test build resolver; do \
	  case $$name in \
	    core) wanted="pyproject.toml" ;; \
	    test) wanted="--extra all --extra test --extra lint --extra docs pyproject.toml" ;; \
	    build) wanted="requirements/build.in --constraint requirements/test.lock" ;; \
	    resolver) wanted="requirements/resolver.in" ;; \
	  esac; \
	  $(LOCK)/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --only-binary :all: \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    $$wanted --output-file requirements/$$name.lock || exit 1; \
	  if grep -nE '(https?|file)://|^--(extra-)?index-url|^--find-links' requirements/$$name.lock; then \
	    echo "make lock: requirements/$$name.lock holds an address"; exit 1; fi; \
	done
	grep -c '==' requirements/*.lock

UPGRADE ?= --upgrade

wheel: $(TEST)/installed ## build dist/*.whl and tell its size
	rm -rf dist
	$(TEST)/bin/python -m pip wheel $(PIP_OPTIONS) --no-deps --no-build-isolation --wheel-dir dist .
	ls -l dist/*.whl | awk '{ printf "%s: %.2f MB\n", $$NF, $$5 / 1e6 }'

clean: ## remove environments, caches and everything that was built
	rm -rf $(DEMO) $(TEST) $(LOCK) build dist demo-output docs/_build .coverage .pytest_cache .mypy_cache .ruff_cache
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Genopraxis needs Python 3.11 or newer; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 | head -n 1)"; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

# An environment holds exactly what its lock files say (build.lock: what builds the project itself, from source):
# when one changes, it is made from scratch.
$(DEMO)/locked: requirements/core.lock requirements/build.lock | python
	echo "make: setting up $(DEMO) (a minute or two, once)"
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python -m pip install $(PIP_OPTIONS) $(LOCKED_ONLY) -r requirements/core.lock -r requirements/build.lock
	touch $@

$(DEMO)/installed: $(DEMO)/locked pyproject.toml $(SOURCES)
	$(DEMO)/bin/python -m pip install $(PIP_OPTIONS) --force-reinstall --no-deps --no-build-isolation .
	touch $@

$(TEST)/locked: requirements/test.lock requirements/build.lock | python
	echo "make: setting up $(TEST) (a minute or two, once)"
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python -m pip install $(PIP_OPTIONS) $(LOCKED_ONLY) -r requirements/test.lock -r requirements/build.lock
	touch $@

$(TEST)/installed: $(TEST)/locked pyproject.toml
	$(TEST)/bin/python -m pip install $(PIP_OPTIONS) --no-deps --no-build-isolation --editable .
	touch $@

$(LOCK)/installed: requirements/resolver.lock | python
	$(PYTHON) -m venv --clear $(LOCK)
	$(LOCK)/bin/python -m pip install $(PIP_OPTIONS) $(LOCKED_ONLY) -r requirements/resolver.lock
	touch $@
