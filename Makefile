# Targets, each with its purpose; `make` alone lists them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
# A worker for each core, with a store of its own (1 GB); a file goes to one of them, so that what its tests share is made once.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

# A test that fails runs once more, so that a busy machine stops nobody; one that passes only then is listed: mend it.
AGAIN ?= --reruns 1 -r R

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: .venv/installed ## install, build the dataset, answer one example question, serve http://127.0.0.1:8000 (HOST=, PORT=)
	$(BIN)/icsgraph ask who-is-liable-for function="primary dental services" area=QMF --as-at 2023-06-01
	$(BIN)/icsgraph serve --host $(HOST) --port $(PORT)

test: check ## install what tests need and run them all, with style, types and layers

check: .venv/dev
	$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.engines
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL) $(AGAIN)

quick: .venv/dev ## style, layers and the rules of the house, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pytest tests/test_house.py

golden: .venv/dev ## write the files that hold what people see (help, pages, manifest) anew; read their diff
	$(BIN)/python -m tests.golden

format: .venv/dev ## format the Python
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev ## measure build, start, questions, pages, other servers beside ours, growth, memory
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.lock
	$(BIN)/python -m tests.bench

MINUTES ?= 30
soak: .venv/dev ## many clients for half an hour (MINUTES=), hostile ones beside, then a crowd; ends with 1 where something is not as promised
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

audit: .venv/dev ## hold what is installed against the lock files and the list of licences; asks no other machine
	$(BIN)/python -m tests.audit

assets: ## make the styles and scripts of the pages anew (needs Node; what it writes is kept in the repository)
	cd src/icsgraph/web/assets && npm ci --ignore-scripts && node node_modules/esbuild/install.js && npm run build

release: .venv/installed ## whether a release may go out: RELEASE=name has the entries of its diff in CHANGELOG.md
	$(BIN)/icsgraph release $(RELEASE)

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

.PHONY: help run test check quick golden format bench soak audit assets release build
