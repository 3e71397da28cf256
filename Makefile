# Everything runs in .venv, which is made and filled when a target needs it. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A stamp stands for "installed as these files say": it is older than they are when they change.
DEMO_READY := $(VENV)/installed-demo
ALL_READY := $(VENV)/installed-all
DOCS_READY := $(VENV)/installed-docs

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-long bench lint docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

venv: $(ALL_READY) ## .venv with everything: library, notebooks, tests, tools

demo: $(DEMO_READY) ## learn Boston housing prices in a static graph
	$(BIN)/python -m graphcore demo

# A process for each core; one that is done takes over what another still has before it.
PROCESSES := --numprocesses auto --maxprocesses 8 --dist worksteal

test: $(ALL_READY) ## all tests, notebooks included; TESTS="tests/ops -x" runs some
	$(BIN)/python -m pytest $(PROCESSES) $(TESTS)

test-long: $(ALL_READY) ## the larger rounds: more random input, more random graphs
	$(BIN)/python -m pytest $(PROCESSES) -m long $(TESTS)

# Which programs of benchmarks/programs; BENCH= runs them all. BENCH_OPTIONS="--plain --limits --one-thread" measures more.
BENCH ?= run_overhead,linreg

bench: $(ALL_READY) ## speed; against TensorFlow too with TF_PYTHON=/path/to/python (1.15) and TF2_PYTHON=
	$(BIN)/python benchmarks/run.py $(if $(TF_PYTHON),--tf $(TF_PYTHON)) $(if $(TF2_PYTHON),--tf2 $(TF2_PYTHON)) $(if $(BENCH),--only $(BENCH)) $(BENCH_OPTIONS)

lint: $(ALL_READY) ## ruff
	$(BIN)/python -m ruff check .

docs: $(DOCS_READY) ## guide and reference as web pages, in build/docs
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs
	@echo "open build/docs/index.html"

clean: ## remove .venv and everything that was built
	rm -rf $(VENV) build dist docs/generated graphcore_tf1.egg-info .pytest_cache .ruff_cache .hypothesis
	find graphcore ops session summaries tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The first command says why when Python is too old; the second leaves nothing half made.
$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("graphcore needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(DEMO_READY): $(VENV)/pyvenv.cfg setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[notebooks]'
	@touch $@

$(ALL_READY): $(VENV)/pyvenv.cfg setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[notebooks,test,dev]'
	@touch $(DEMO_READY) $@

$(DOCS_READY): $(ALL_READY)
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@
