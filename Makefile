# Keku (课库): Python 3.11+ and make are all that a machine needs; every target installs what it misses.
# The work is in tools/: here stands only what is called when.

.POSIX:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
JOBS ?= 2
ARGS ?=
PY = .venv/bin/python
FIND_PYTHON = python=$$(PYTHON='$(PYTHON)' sh tools/find_python.sh) && exec "$$python"

.PHONY: help setup setup-runtime demo test lint format bench lock translations screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## installs everything for running, testing and linting; nothing is started
	@$(FIND_PYTHON) tools/bootstrap.py dev

setup-runtime:
	@$(FIND_PYTHON) tools/bootstrap.py runtime

demo: setup-runtime ## the site with its demonstration library on http://127.0.0.1:$(PORT) (PORT=… for another)
	@exec $(PY) tools/demo.py --port $(PORT)

test: setup ## every test: both databases, a real S3 server, a real browser (ARGS="-k word" for some)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## ruff, mypy, djlint, import contracts, browser side, translations: all of them, then one verdict
	@exec $(PY) tools/lint.py

format: setup ## lets ruff write the layout of Python files
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

bench: setup ## the benchmarks, with results in benchmarks/results
	$(PY) -m benchmarks $(ARGS)

lock: setup ## locks requirements with hashes (ARGS=--upgrade takes newer versions)
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(ARGS) requirements.in -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(ARGS) requirements-dev.in -o requirements-dev.txt

translations: setup ## takes new texts into the catalogues, merges translations/pending, compiles
	$(PY) tools/catalogues.py update
	$(PY) tools/catalogues.py merge
	$(PY) tools/catalogues.py compile

screenshots: setup ## docs/screenshots anew, from the page tests
	KEKU_SCREENSHOTS=docs/screenshots $(PY) -m pytest -m pages tests/pages $(ARGS)

clean: ## removes what was installed and built; the data folder stays
	rm -rf .venv node_modules static/dist .mypy_cache .ruff_cache .import_linter_cache
