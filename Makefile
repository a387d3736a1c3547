# `make` lists the commands.
#
# .venv gets exactly what poetry.lock names. Poetry itself lives in a folder of its own and only
# exports the lock; pip installs, because pip also works with an index that serves the simple API
# only, where `poetry install` finds no package.

PYTHON ?= python3
POETRY_VERSION := 2.5.1
EXPORT_VERSION := 1.10.1
MIRROR_VERSION := 0.6.5
BIN := .venv/bin

# More than the two cores of a small machine, because tests of the whole stack often wait.
PROCESSES := 4
POSTGRES_PROCESSES := 3
AT_A_TIME = -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

# Every process that tests imports all the files that it is given, so each command gives its own only.
INTEGRATION_TESTS = $(shell find * -type d -name integration -path '*tests*')
BROWSER_TESTS = $(shell find * -type d -name browser -path '*tests*'; grep -rl 'mark\.browser' --include='test_*.py' tests */tests)
LONG_TESTS = $(shell grep -rlE 'mark\.(long|trial)|EACH_LANGUAGE|THOROUGH' --include='test_*.py' tests */tests)

.DEFAULT_GOAL := help
.PHONY: help run test lint test-sqlite test-postgres test-browser test-long audit update soak image-check pictures bench bench-check clean

help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv/run-ready ## Start the whole system (PORT=8000 DATA_DIR=var SIMULATE=1 SAMPLE=0)
	@exec $(BIN)/python -m roompricegenie.local_stack --parent $$PPID

# A `make run` of this checkout has no part in these (roompricegenie/find_running_stack.py), nor have the
# settings of this machine in .env.local.
test lint test-sqlite test-postgres test-browser test-long soak pictures bench bench-check: export RUNNING_STACKS_DIR =
test lint test-sqlite test-postgres test-browser test-long soak pictures bench bench-check: export LOCAL_ENV_FILE =
# Without their bytecode hundreds of started processes would compile the project anew.
test lint test-sqlite test-postgres test-browser test-long soak pictures bench bench-check: export PYTHONDONTWRITEBYTECODE =

test: .venv/test-ready ## Lint, types, import contracts, migrations and all tests but those that take minutes
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint test-sqlite test-postgres
	@$(BIN)/python -m tests.vulnerability_audit

lint: .venv/test-ready ## Lint, types, import contracts, checks and migrations: what reads the code only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run

test-sqlite: .venv/test-ready ## All tests but those of a browser and the long ones, on SQLite
	$(BIN)/pytest -m "not long and not browser" $(AT_A_TIME)

test-postgres: PROCESSES := $(POSTGRES_PROCESSES)
test-postgres: .venv/test-ready ## The integration tests on a real PostgreSQL
	$(BIN)/python -m tests.postgres $(BIN)/pytest -m "integration and not one_database and not long" $(AT_A_TIME) $(INTEGRATION_TESTS)

test-browser: .venv/test-ready ## The pages, as people use them, in a real Chromium
	$(BIN)/pytest -m "browser and not long" $(AT_A_TIME) $(BROWSER_TESTS)

LONG ?= long

test-long: .venv/test-ready ## The tests that take minutes: soaks, several hosts, upgrade, restore, penetration trial
	$(BIN)/pytest -m "$(LONG)" $(AT_A_TIME) $(LONG_TESTS)

# Known vulnerabilities of what poetry.lock names; says so where nothing can be looked up.
audit: .venv/test-ready ## Look up known vulnerabilities of the dependencies
	@$(BIN)/python -m tests.vulnerability_audit

# The newest versions that pyproject.toml allows, into poetry.lock; `make test` then says whether they
# do. Poetry is pointed to the index that pip uses, which may be one that serves the simple API only.
update: .venv/poetry/bin/poetry ## Bring poetry.lock to the newest versions allowed
	@.venv/poetry/bin/pip install -q --disable-pip-version-check poetry-plugin-pypi-mirror==$(MIRROR_VERSION)
	@POETRY_PYPI_MIRROR_URL="$$(.venv/poetry/bin/python -c $(PIPS_INDEX))" .venv/poetry/bin/poetry update --lock
	@git diff --quiet poetry.lock && echo "poetry.lock names the newest versions already" || echo "poetry.lock changed: make test, make audit, then commit it"

PIPS_INDEX := "from pip._internal.commands import create_command; print(create_command('install').parser.get_default_values().index_url)"

MINUTES ?= 10
DB ?= sqlite
WORKERS ?= 2
RATE ?= 500
SHARES ?= 1

# Kills, stops and restarts everything under load, then recounts; SEED=n repeats a run. FAULTS=n harms in
# the first n minutes only (0: never) and wants flat memory after them. WORKERS is how many
# workers of each kind there are, but for updaters, of which SHARES count at once; RATE is how many events
# a second (0: as many as go); REPORT=file keeps what was seen.
soak: .venv/test-ready ## Kill, stop and restart everything under load, then recount (MINUTES=10 DB=sqlite)
	@$(BIN)/python -m tests.soak --minutes $(MINUTES) --db $(DB) --workers $(WORKERS) --rate $(RATE) --shares $(SHARES) \
	  $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED)) $(if $(REPORT),--report $(REPORT))

image-check: .venv/test-ready ## Build the image without an engine and run every service in it (root, buildah, debootstrap)
	@$(if $(CACHE),CACHE="$(CACHE)") $(if $(DEBIAN_MIRROR),DEBIAN_MIRROR="$(DEBIAN_MIRROR)") docker/image-check.sh

pictures: .venv/test-ready ## Make the pictures in docs/ anew
	@$(BIN)/python -m tests.documentation_pictures

SIZE ?= small

# Speed, each figure as a ratio to a limit measured beside it; bench-check fails when one is worse by
# a third than in the report that is kept.
bench: .venv/test-ready ## Measure speed (SIZE=small, ONLY=rows)
	@$(BIN)/python -m benchmarks --size $(SIZE) $(if $(ONLY),--only $(ONLY))

bench-check: .venv/test-ready ## Measure, and fail when worse than the kept report by a third
	@$(BIN)/python -m benchmarks --size $(SIZE) --check

.venv/poetry/bin/poetry:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "RoomPriceGenie needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": call make with PYTHON=/path/to/python3.11")'
	@echo "Setting up .venv, which takes about a minute"
	@$(PYTHON) -m venv .venv
	@$(PYTHON) -m venv .venv/poetry
	@.venv/poetry/bin/pip install -q --no-compile --disable-pip-version-check poetry==$(POETRY_VERSION) poetry-plugin-export==$(EXPORT_VERSION)

.venv/%-ready: poetry.lock pyproject.toml .venv/poetry/bin/poetry
	@.venv/poetry/bin/poetry export -q --with $(if $(filter test,$*),local$(comma)test,local) -o .venv/$*.txt
	@echo "Installing what poetry.lock names"
	@$(BIN)/pip install -q --no-compile --disable-pip-version-check --require-hashes --no-deps -r .venv/$*.txt
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true # by all cores; fails for files that packages have for other Pythons, which nobody imports
	@touch $@

comma := ,

clean: ## Remove .venv and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
