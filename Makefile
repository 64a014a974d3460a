# What one does with Surgecast: `make` lists it. PYTHON names another interpreter, PORT another port.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
EXTRAS := --extra embedded --extra social --extra voice --extra lab --extra history --extra postgres

.PHONY: help up demo test thorough storms chaos chaos-failover chaos-each fuzz screenshots lint format bench soak-voice lock settings clean
.DEFAULT_GOAL := help

help: ## what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-15s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(VENV)/.learnt ## run everything on http://127.0.0.1, port PORT (8000); Ctrl-C ends it
	@exec $(BIN)/python -m services up

demo: $(VENV)/.runtime ## let a small made-up storm begin, on a Surgecast that runs
	@exec $(BIN)/python -m services demo

test: $(VENV)/.learnt lint ## all checks and all tests, two at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

thorough: $(VENV)/.dev $(VENV)/.learnt ## all tests, properties on ten times as many examples; takes long
	SURGECAST_THOROUGH=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -o timeout=3600

storms: $(VENV)/.dev $(VENV)/.learnt ## replay all five real storms through a tree, and compare every output; takes minutes, needs the storms
	SURGECAST_ALL_STORMS=1 $(BIN)/python -m pytest tests/e2e/test_real_storms.py -s

chaos: $(VENV)/.dev $(VENV)/.learnt ## faults at random for MINUTES (10), by SEED; then an independent checker
	$(BIN)/python -m tests.chaos.run --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

chaos-failover: $(VENV)/.dev ## what a journal under Sentinel loses in each mode when its master goes
	$(BIN)/python -m tests.chaos.failover_figures

chaos-each: $(VENV)/.dev $(VENV)/.learnt ## kill -9 of each part five times in mid-storm; takes many minutes
	SURGECAST_KILLS=5 $(BIN)/python -m pytest tests/chaos -o timeout=600

fuzz: $(VENV)/.dev $(VENV)/.learnt ## every HTTP service against its own OpenAPI document, on a running product, for MINUTES (10), by SEED
	$(BIN)/python -m tests.fuzz.run --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

screenshots: $(VENV)/.dev $(VENV)/.learnt ## take the pictures in docs/images anew, with Debian's chromium
	SURGECAST_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/e2e/test_pages_in_a_browser.py -k fits_its_screen

lint: $(VENV)/.dev ## style, types, and which way imports point
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code in its usual shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/.learnt ## measure; takes minutes
	$(BIN)/python -m loadtests.bench

soak-voice: $(VENV)/.dev $(VENV)/.learnt ## ask voice on every route while Redis is stopped, then killed, for MINUTES (10)
	$(BIN)/python -m loadtests.soak.redis_stopped $(or $(MINUTES),10)

lock: $(VENV)/.dev ## choose the newest versions that pyproject.toml allows, with their hashes
	$(PIP_COMPILE) --upgrade $(EXTRAS) --output-file requirements.txt pyproject.toml requirements.in
	$(PIP_COMPILE) --upgrade $(EXTRAS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml requirements.in

settings: $(VENV)/.dev ## write docs/settings.md anew
	$(BIN)/python -m services.cli.settings_page > docs/settings.md

clean: ## remove the virtual environment and caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis

# Dependencies by hash, then the project itself without asking any index: its build tool is in the lock. Its code is compiled here, since where
# PYTHONDONTWRITEBYTECODE is set each start of each part would do it anew.
$(VENV)/.runtime: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Surgecast needs Python 3.11 or newer: name one, as in make up PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q services
	@touch $@

# What understanding learns from its sentences: seconds at each first start otherwise.
$(VENV)/.learnt: $(VENV)/.runtime $(shell find services/voice/understanding services/adapters/tariffs -name '*.yaml' -o -name '*.py')
	@$(BIN)/python -m services.adapters.tariff_file
	@$(BIN)/python -m services.voice.understanding.learnt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
