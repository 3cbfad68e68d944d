# A fresh clone needs only make and Python 3.11 or newer; the targets create their environments.
#   make demo    an OpenAI program before and after the one line
#   make test    all checks: lint, types, README, tests
#   make help    the rest

# The first Python that is new enough; PYTHON=... on the command line chooses another.
NEW_ENOUGH := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && { echo $$p; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
MATRIX_DIR := .venv-matrix

# One environment each; pins-NAME lists its pinned versions, all others are the latest.
# "oldest" has the lower bounds of all dependencies, including those of "emulator" and "cli".
MATRIX := oldest openai-1.92 openai-1.109 openai-2.54 openai-3 wrapt-1.16
pins-oldest := openai==1.92.0 wrapt==1.16.0 pydantic==2.0 \
	starlette==0.40.0 uvicorn==0.30.0 jsonschema==4.21.0 rstr==3.2.1 rich==13.9.0 typer==0.15.4
pins-openai-1.92 := openai==1.92.*
pins-openai-1.109 := openai==1.109.1
pins-openai-2.54 := openai==2.54.0
pins-openai-3 := openai>=3,<4
pins-wrapt-1.16 := wrapt==1.16.*
# autowrapt, of the extra "auto", wants wrapt 2.
extras := auto,cli,emulator
extras-oldest := cli,emulator
extras-wrapt-1.16 := cli,emulator

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# pip has installed pyright's version; it must not look for a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# The tests start hundreds of interpreters; without bytecode each would compile the package.
unexport PYTHONDONTWRITEBYTECODE

# The number of processes of pytest-xdist: auto is one per core, 0 runs the tests in pytest itself.
WORKERS := auto

# -qq prints errors only. Dependency groups need pip 25.1; Python 3.11 comes with an older one.
PIP := -m pip install -qq
NEW_PIP := 'pip>=25.1'

.PHONY: help demo test lint types readme-check docs pytest coverage test-oldest matrix cassettes neighbours bench bench-rivals fuzz audit readme format clean
.NOTPARALLEL:
.SECONDARY:
.DELETE_ON_ERROR:

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime ## Run an OpenAI program before and after the one line
	@$(BIN)/python examples/demo.py

test: lint types readme-check pytest ## Run every check on the latest openai

# Without the cache: a cached result for one file misses changes in another.
lint: $(VENV)/.dev ## Check style and format
	$(BIN)/ruff check --no-cache
	$(BIN)/ruff format --no-cache --check
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev ## Check types with mypy and pyright, at the same time
	$(BIN)/mypy & mypy=$$!; $(BIN)/pyright --pythonpath $(BIN)/python; pyright=$$?; \
		wait $$mypy && exit $$pyright

readme-check: $(VENV)/.dev ## Check that the tables in README and docs are up to date
	$(BIN)/python tools/page_tables.py --check

pytest: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

coverage: $(VENV)/.dev ## Run the tests with coverage, which takes 50 % longer
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term $(PYTEST_ARGS)

bench-rivals: ## Measure the cost of a call in other libraries
	$(call new_venv,.venv-rivals)
	@.venv-rivals/bin/python $(PIP) -e . litellm langchain-baseten langfuse any-llm-sdk
	@cd benchmarks && ../.venv-rivals/bin/python rivals.py 2>/dev/null

fuzz: $(VENV)/.dev ## Run the property tests with ten times as many random examples (some minutes)
	FUZZ_DEPTH=10 $(BIN)/python -m pytest -q -n $(WORKERS) tests/test_properties_*.py tests/*/test_properties_*.py tests/sdk/test_partial_answer.py \
		tests/sdk/test_stream_events.py $(PYTEST_ARGS)

test-oldest: matrix-oldest ## Run the tests on the oldest supported dependencies

matrix: $(addprefix matrix-,$(MATRIX)) ## Run the tests on every supported openai and wrapt

matrix-%: $(MATRIX_DIR)/%/.installed
	@$(MATRIX_DIR)/$*/bin/python tools/show_versions.py $*
	$(MATRIX_DIR)/$*/bin/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

cassettes: $(VENV)/.dev ## Record cassettes/: from Baseten with BASETEN_API_KEY, else from the emulator
	@$(BIN)/python tools/record_cassettes.py

neighbours: $(VENV)/.dev ## Run other libraries together with the patch, each in its own environment
	@$(BIN)/python tests/neighbours/run.py $(NAMES)

bench: $(VENV)/.dev ## Measure the cost of a call against the bare SDK, on an idle machine
	@cd benchmarks && for part in machine calls long_inputs recording clients startup; do \
		../$(BIN)/python $$part.py || exit 1; echo; done

audit: ## Check the runtime dependencies for known vulnerabilities (needs the network)
	$(call new_venv,.venv-audit)
	@.venv-audit/bin/python $(PIP) . && .venv-audit/bin/python -m pip freeze --exclude baseten-openai \
		> .venv-audit/requirements.txt && .venv-audit/bin/python $(PIP) pip-audit
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip -r .venv-audit/requirements.txt

docs: $(VENV)/.docs ## Build the documentation in site/; broken links and names are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --clean --strict

readme: $(VENV)/.dev ## Regenerate the tables in README and docs
	$(BIN)/python tools/page_tables.py

format: $(VENV)/.dev ## Format the code and apply automatic fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove the environments and the files of tools
	rm -rf $(VENV) $(MATRIX_DIR) .venv-audit .venv-neighbours .venv-rivals build dist site htmlcov .coverage .coverage.* \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Environments. The stamp is written last, so that an interrupted install is repeated.

define new_venv
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "baseten-openai needs Python 3.11 or newer, with its venv module;" \
			"found: $$($(or $(PYTHON),python3) --version 2>/dev/null || echo none)." \
			"Name another with: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(1) ..."
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python $(PIP) --upgrade $(NEW_PIP)
endef

$(VENV)/.made:
	$(call new_venv,$(VENV))
	@touch $@

$(VENV)/.runtime: $(VENV)/.made pyproject.toml
	@$(BIN)/python $(PIP) -e '.[emulator]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@$(BIN)/python $(PIP) -e '.[$(extras)]' --group dev
	@touch $@ $(VENV)/.runtime

$(VENV)/.docs: $(VENV)/.made pyproject.toml
	@$(BIN)/python $(PIP) -e . --group docs
	@touch $@

$(MATRIX_DIR)/%/.installed: pyproject.toml Makefile
	$(call new_venv,$(MATRIX_DIR)/$*)
	@$(MATRIX_DIR)/$*/bin/python $(PIP) -e '.[$(or $(extras-$*),$(extras))]' --group tests $(patsubst %,'%',$(pins-$*))
	@touch $@
