# Targets, each with its purpose; `make` alone lists them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: .venv/installed ## install, build the dataset, answer one example question, serve http://127.0.0.1:8000 (HOST=, PORT=)
	$(BIN)/icsgraph ask who-is-liable-for function="primary dental services" area=QMF --as-at 2023-06-01
	$(BIN)/icsgraph serve --host $(HOST) --port $(PORT)

test: check ## install what tests need and run them all, with style, types and layers

check: .venv/dev
	$(BIN)/python -m tests.browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

format: .venv/dev ## format the Python
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev ## measure build, start, questions, pages, other servers beside ours, growth, memory
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.lock
	$(BIN)/python -m tests.bench

assets: ## make the styles and scripts of the pages anew (needs Node; what it writes is kept in the repository)
	cd src/icsgraph/web/assets && npm ci --ignore-scripts && node node_modules/esbuild/install.js && npm run build

build: .venv/installed ## build the dataset
	$(BIN)/icsgraph build

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev: .venv/installed requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

.PHONY: help run test check format bench assets build
