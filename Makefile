# demo, test, check, bench, deep: nothing else to remember. Everything is installed into .venv at the root.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
CHILDREN ?= 3000
PORT ?= 8000
# together: one department reads all extracts; distributed: every department's data stay at its own node.
PATTERN ?= together
WORKERS ?= 2
# SAMPLE=folder: also run the checks that need a whole delivery with its truth (extracts/ and truth/ inside).
SAMPLE ?=
# LARGEST=3000 leaves the large deliveries out (8 GB of memory for 60,000 children).
LARGEST ?= 60000

.PHONY: help demo test check unit bench deep pictures deliveries evaluate golden lock docs clean

help:
	@echo "make demo      the example city through the whole flow, desk opened on 127.0.0.1 (CHILDREN=3000 PORT=8000 PATTERN=together)"
	@echo "make test      set-up, then everything CI runs"
	@echo "make check     format, lint, types, import contracts, house tests"
	@echo "make evaluate  a run on a delivery with known truth, and its figures (SAMPLE=folder)"
	@echo "make bench     speed against a floor measured in the same run"
	@echo "make deliveries  other deliveries, up to 60,000 children, each against its own truth (LARGEST=60000)"
	@echo "make pictures  the manual's pictures, from the walks in a real browser"
	@echo "make deep      the long fault, fuzz and scale runs"

demo: .venv/demo.stamp
	@$(BIN)/tsunagu demo --children $(CHILDREN) --port $(PORT) --pattern $(PATTERN)

test: .venv/test.stamp
	@.ci/system-packages
	@$(MAKE) --no-print-directory check unit

check: .venv/test.stamp
	$(BIN)/ruff format --check --no-cache src tests bench
	$(BIN)/ruff check --no-cache src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/house

unit: .venv/test.stamp
	$(BIN)/pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder --ignore tests/house -m "not deep"
	$(BIN)/python tests/web/on_postgresql.py -q -n $(WORKERS) --dist worksteal -m "not deep and not postgresql" tests/web

evaluate: .venv/demo.stamp
	@test -n "$(SAMPLE)" || { echo "Name the folder with extracts/ and truth/: make evaluate SAMPLE=folder"; exit 2; }
	@rm -rf build/evaluate && mkdir -p build/evaluate
	$(BIN)/tsunagu run examples/hinode-city --extracts $(SAMPLE)/extracts --on 2026-09-30 --out build/evaluate/run
	$(BIN)/tsunagu evaluate run build/evaluate/run --truth $(SAMPLE)/truth

bench: .venv/test.stamp
	$(BIN)/python bench/run.py

deliveries: .venv/test.stamp
	$(BIN)/python bench/deliveries.py --children $(LARGEST)

deep: .venv/test.stamp
	$(BIN)/pytest -q -m deep -rP
	$(BIN)/python tests/web/on_postgresql.py -q -m "deep and not postgresql" -rP tests/web

pictures: .venv/test.stamp
	$(BIN)/pytest -q tests/browser -m "browser and not deep"
	$(BIN)/python tests/browser/pictures.py

golden: .venv/test.stamp
	UPDATE_GOLDEN=1 $(BIN)/pytest -q tests/golden

docs: .venv/test.stamp
	UPDATE_DOCS=1 $(BIN)/pytest -q tests/house/test_generated_docs.py

lock: .venv/bin/uv
	for name in demo test; do $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --exclude-newer "$$(date -d '7 days ago' +%F)" \
	  requirements/$$name.in -o requirements/$$name.txt || exit 1; done

.venv/bin/uv: .venv/bin/python
	$(BIN)/python -m pip install -q uv

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed. On Debian: apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11. Name a later one: make PYTHON=/path/to/python3.11"; exit 2; }
	@echo "making the environment .venv"
	@$(PYTHON) -m venv .venv || { echo "The environment could not be made. On Debian: apt-get install python3-venv"; exit 2; }

.venv/demo.stamp: requirements/demo.txt pyproject.toml | .venv/bin/python
	@echo "installing what the demo needs (names, versions and hashes in requirements/demo.txt)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: requirements/test.txt pyproject.toml | .venv/bin/python
	@echo "installing what the tests need (names, versions and hashes in requirements/test.txt)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/demo.stamp $@

clean:
	rm -rf build demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
