# Everything a person does with this checkout. All of it stays inside: .venv and .local can be thrown away.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SERVICES := artifacts scoring defenses notifications
SOURCES := libs/contracts/src libs/chassis/src $(SERVICES:%=services/%/src) deploy/local/src
# Named, so that nobody's .local or .venv is looked into.
CODE := $(wildcard libs services deploy tests bench)
PROJECTS := pyproject.toml uv.lock $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml)

# The first Python that we support; PYTHON=… chooses another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$each && break; done)
UV_VERSION := 0.13.9
UV := .local/tools/bin/uv
BIN := .venv/bin
STACK := $(BIN)/backpack-stack

export UV_CACHE_DIR := $(CURDIR)/.local/cache/uv
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Where the solver keeps what it has compiled.
export XDG_CACHE_HOME := $(CURDIR)/.local/cache

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# Setting up

.PHONY: setup
setup: .venv/.synced .local/cache/.compiled ## Install everything into .venv and .local; the second time needs no network
	@$(STACK) setup

.local/tools/.uv-$(UV_VERSION):
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed" >&2; exit 1; }
	$(PYTHON) -m venv --clear .local/tools
	.local/tools/bin/pip install --quiet uv==$(UV_VERSION)
	@touch $@

.venv/.synced: .local/tools/.uv-$(UV_VERSION) $(PROJECTS)
	$(UV) sync --quiet --all-packages --frozen --compile-bytecode --python "$$(command -v $(PYTHON))"
	@touch $@

# The solver's first search on a machine compiles it, for about a minute; nobody should wait for that later.
.local/cache/.compiled: .venv/.synced $(wildcard services/defenses/src/defenses/solver/*.py)
	@$(BIN)/backpack schedule solve tests/unit/defenses/data/instance-school.json --moves 1 \
		--out .local/cache/compiled.json >/dev/null 2>&1
	@touch $@

# Running

.PHONY: up down status logs scale roll demo
up: setup ## Start the stack; returns when everything is ready
	@$(STACK) up

down: ## Stop the stack; its data stays
	@$(STACK) down

status: ## Show every part of the stack
	@$(STACK) status

logs: ## Follow the logs: of all, or service=scoring
	@$(STACK) logs --follow $(service)

scale: ## Change how many processes a service has: make scale scoring=3
	@$(STACK) scale $(foreach name,$(SERVICES),$(if $($(name)),$(name)=$($(name))))

roll: ## Restart services without a pause: all, or service=scoring
	@$(STACK) roll $(service)

.PHONY: token queues
token: .venv/.synced ## Print a bearer token: make -s token ROLE=scorer SUBJECT=st-1
	@$(STACK) token --role $(or $(ROLE),district_admin) --subject $(or $(SUBJECT),developer)

queues: .venv/.synced ## Show the queues, their consumers and what is parked
	@eval "$$($(STACK) env)" && $(BIN)/backpack queues

demo: setup ## Run a small district's defense season, from its roster to its families' inboxes
	@$(STACK) demo

# Checking

.PHONY: format lint types imports
format: .venv/.synced ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

lint: .venv/.synced types imports ## Check format, style, types and imports
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: .venv/.synced
	$(BIN)/mypy $(SOURCES) tests

imports: .venv/.synced
	$(BIN)/lint-imports

# Testing. Temporary files are inside the checkout too, and go when the tests are over.

# Integration tests mostly wait for real parts; each worker has a broker and a store of its own.
WORKERS ?= 3
PYTEST := TMPDIR=$(CURDIR)/.local/tmp $(BIN)/pytest
PURE := libs/contracts/src/**,services/*/src/*/domain.py,services/*/src/*/domain/**,services/*/src/*/use_cases.py,services/*/src/*/use_cases/**

.PHONY: test test-unit test-architecture test-integration test-system
test: setup ## Run all tests
	@$(MAKE) test-unit test-architecture test-integration test-system

test-unit: export COVERAGE_FILE := $(CURDIR)/.local/coverage
test-unit: .venv/.synced .local/tmp ## Domain and use cases, all their branches covered
	TMPDIR=$(CURDIR)/.local/tmp $(BIN)/coverage run -m pytest tests/unit
	$(BIN)/coverage report --show-missing --skip-covered --fail-under=100 --include='$(PURE)'
	@rm -rf .local/tmp .local/coverage

test-architecture: .venv/.synced .local/tmp ## What must hold between services
	@test ! -d tests/architecture || $(PYTEST) tests/architecture
	@rm -rf .local/tmp

test-integration: setup .local/tmp ## Repositories, messages and HTTP against the real broker and store
	$(PYTEST) -n $(WORKERS) --dist loadfile tests/integration tests/faults
	@rm -rf .local/tmp

test-system: setup .local/tmp ## The whole job, over HTTP, on a stack of its own
	@test ! -d tests/system || $(PYTEST) tests/system
	@rm -rf .local/tmp

.PHONY: faults
faults: export TMPDIR := $(CURDIR)/.local/tmp
faults: setup .local/tmp ## Break everything while events flow, and count them: about 30 minutes; make faults seed=2
	$(BIN)/python -m tests.faults --seed $(or $(seed),1) --faults $(or $(faults),200) --events $(or $(events),100000)
	@rm -rf .local/tmp

.PHONY: faults-notifications
faults-notifications: export TMPDIR := $(CURDIR)/.local/tmp
faults-notifications: setup .local/tmp ## Kill the service at every step while 10,400 messages go out, and count who was told
	$(BIN)/python -m tests.faults.families --seed $(or $(seed),1) --messages $(or $(messages),10400) --kills $(or $(kills),32)
	@rm -rf .local/tmp

.local/tmp:
	@mkdir -p $@

.PHONY: bench-messaging
bench-messaging: setup ## Measure messaging against what a team would pick instead: make bench-messaging ARGS='--help'
	$(UV) sync --quiet --all-packages --frozen --group bench
	PYTHONPATH=bench $(BIN)/python -m messaging $(ARGS)

.PHONY: bench-notifications
bench-notifications: setup ## Measure 22,000 invitations that are due at once: make bench-notifications ARGS='--help'
	$(UV) sync --quiet --all-packages --frozen --group bench
	$(BIN)/python bench/notifications/drain.py $(ARGS)

.PHONY: bench-scoring
bench-scoring: setup ## Measure scoring, one program of bench/scoring: make bench-scoring ARGS='stop_rule --help'
	$(BIN)/python bench/scoring/$(or $(firstword $(ARGS)),stop_rule).py $(wordlist 2,99,$(ARGS))

.PHONY: bench-scheduling
bench-scheduling: setup ## Measure the scheduler against plain CP-SAT and proven bounds: make bench-scheduling ARGS='--help'
	$(UV) sync --quiet --all-packages --frozen --group bench
	PYTHONPATH=bench $(BIN)/python -m scheduling $(ARGS)

.PHONY: pictures
pictures: .venv/.synced ## Photograph families' emails for docs/families.md; needs chromium and fonts-noto-core
	$(BIN)/python bench/pictures/emails.py

.PHONY: clean distclean
clean: ## Stop the stack and remove its data, caches and what tests left
	@test ! -x $(STACK) || $(STACK) down
	rm -rf .local/run .local/tmp .local/bench .local/coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

distclean: clean ## Remove everything that was made here
	rm -rf .venv .local
