# SPDX-License-Identifier: AGPL-3.0-only
# `make` lists the targets. On a fresh machine `make demo` and `make test` set
# everything up by themselves.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz planted fuzz-speed fuzz-models attacks search proofs mutation gas \
	gas-update sizes static static-update reasons lint format gate clean

VENV := .venv
LINT := .venv-lint
PROOFS := .venv-proofs
WORKERS ?= 2
BASE ?= HEAD
PYTHON_SOURCES := inverse_index scripts tests tools
STEPS ?= 20000
SEED ?= 1
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& echo $$p && break; done)

export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## list the targets
	@echo "make demo        set up, then replay a price history end to end (into build/demo)"
	@echo "                 PRICES=file.csv INDEX=file.yaml VENUE=aave to choose your own"
	@echo "make test        set up, then run the linters and all tests (WORKERS=2)"
	@echo "make setup       Python packages into .venv; Anvil, Aave, Uniswap, USDC, Safe, Chainlink and"
	@echo "                 Solidity's compilers into node_modules"
	@echo "make gas         gas table beside the committed snapshot"
	@echo "make gas-update  write the snapshot anew"
	@echo "make sizes       table of contract sizes; write gas/sizes.json anew"
	@echo "make static      natrix and vyper-guard on all contracts, beside the reviewed findings"
	@echo "make static-update  write static/findings.json anew, then review what is new"
	@echo "make reasons     write inverse_index/reasons.py anew, from contracts/modules/lib/errors.vy"
	@echo "make fuzz        long random histories: STEPS=20000 SEED=1 WORKERS=2"
	@echo "                 MACHINES=\"perp aave\" for some of them, REPLAY=file.json for one history"
	@echo "make planted     faults planted on purpose: how many steps it takes to find each"
	@echo "make fuzz-speed  the same histories through Ape's contract calls, and how much slower that is"
	@echo "make fuzz-models the reference models against the real Aave and Uniswap (EXAMPLES=400)"
	@echo "make attacks     every attack, with and without its defence, and what each brought;"
	@echo "                 then a short search"
	@echo "make search      a search for attacks and stuck states that was not told where to look:"
	@echo "                 MINUTES=10 SEED=1 WORKERS=2 SCORE=both|profit|stuck JSON=file.json"
	@echo "make proofs      all proofs of the arithmetic, minutes; write docs/evidence/proofs.md anew"
	@echo "make mutation    small faults in the contracts against the tests (SAMPLE=400 SEED=1, hours)"
	@echo "make lint        formatters, ruff and mypy, in an environment of their own"
	@echo "make format      rewrite all sources as the formatters want them"
	@echo "make gate        compiled contracts against a commit: BASE=HEAD, RENAMED=\"Old=New\""
	@echo "make clean       remove what the commands made, but not the environments"

setup: $(VENV)/.ready  ## Python packages and Anvil

$(VENV)/.ready: requirements.txt node_modules/.ready
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or 3.12 is needed: install it, or make PYTHON=/path/to/python"; exit 1; }
	@echo "==> Python packages into $(VENV) (about a minute)"
	@rm -f $@
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --no-deps -r requirements.txt
	@$(VENV)/bin/python -m pip check
	@ln -sfn "$(CURDIR)/inverse_index" "$$($(VENV)/bin/python -c \
		'import sysconfig; print(sysconfig.get_path("purelib"))')/inverse_index"
	@for program in node_modules/@foundry-rs/anvil-*/bin/anvil; do \
		ln -sf "$(CURDIR)/$$program" $(VENV)/bin/anvil; done
	@$(VENV)/bin/anvil --version | head -1
	@touch $@
	@echo "==> ready: . $(VENV)/bin/activate gives you ape and anvil"

node_modules/.ready: package.json .npmrc
	@command -v npm >/dev/null || { echo "npm is needed: install Node 20 or newer"; exit 1; }
	@echo "==> Anvil into node_modules"
	@npm install --no-audit --no-fund
	@touch $@

demo: setup  ## the main job
	ape run replay --out build/demo \
		$(if $(PRICES),--prices "$(PRICES)") $(if $(INDEX),--index "$(INDEX)") \
		$(if $(VENUE),--venue "$(VENUE)")

test: setup lint  ## linters, then all tests
	python -m pytest -n $(WORKERS) --all-reached

fuzz: setup  ## random histories of all machines
	python -m tests.stateful.fuzz $(if $(REPLAY),--replay "$(REPLAY)",--steps $(STEPS) \
		--seed $(SEED) --workers $(WORKERS) $(foreach m,$(MACHINES),--machine $(m)) \
		$(if $(JSON),--json "$(JSON)"))

planted: setup  ## faults planted on purpose
	python -m tests.stateful.faults --steps 50000 --seed $(SEED) --workers $(WORKERS)

fuzz-speed: setup  ## the raw path against Ape's
	python -m tests.stateful.through_ape

fuzz-models: setup  ## the models of Aave and Uniswap, longer
	HYPOTHESIS_PROFILE=long python -m pytest -n $(WORKERS) -m stateful tests/model

attacks: setup  ## attacks, and their table
	rm -rf build/attacks
	SEARCHES=1 python -m pytest -n $(WORKERS) tests/attacks
	python -m tests.attacks.table
	python -m tests.search --minutes 3 --seed $(SEED) --workers $(WORKERS)

search: setup  ## for attacks and stuck states, on the model
	python -m tests.search --minutes $(or $(MINUTES),10) --seed $(SEED) --workers $(WORKERS) \
		--score $(or $(SCORE),both) $(if $(JSON),--json "$(JSON)")

proofs: $(PROOFS)/.ready  ## of the arithmetic, in full
	python -m tests.proofs

$(PROOFS)/.ready: requirements-proofs.txt | setup
	@test -x $(PROOFS)/bin/python || $(PYTHON) -m venv $(PROOFS)
	@$(PROOFS)/bin/python -m pip install -r requirements-proofs.txt
	@touch $@

mutation: setup  ## mutants against the tests; writes docs/evidence/mutation.md
	python -u -m tools.mutation --workers $(WORKERS) \
		--sample $(or $(SAMPLE),400) --seed $(or $(SEED),1)

gas: setup  ## gas against the snapshot
	python -m tools.gas

gas-update: setup  ## gas snapshot anew
	python -m tools.gas --update

sizes: setup  ## contract sizes anew
	python -m tools.sizes --update

static: setup  ## static analysers against the reviewed findings
	python -m tools.findings

static-update: setup  ## findings anew
	python -m tools.findings --update

reasons: setup  ## Python's constants of the contracts' reasons anew
	python -m tools.reasons

lint: $(LINT)/.ready  ## formatters, ruff and mypy
	$(LINT)/bin/ruff format --check $(PYTHON_SOURCES)
	$(LINT)/bin/mamushi --check --quiet --line-length 100 contracts interfaces
	$(LINT)/bin/ruff check $(PYTHON_SOURCES)
	$(LINT)/bin/mypy --python-executable $(VENV)/bin/python

format: $(LINT)/.ready  ## rewrite all sources
	$(LINT)/bin/ruff format $(PYTHON_SOURCES)
	$(LINT)/bin/mamushi --quiet --line-length 100 contracts interfaces

gate: setup  ## compiled contracts against a base commit
	python -m tools.gate --base "$(BASE)" $(foreach pair,$(RENAMED),--renamed $(pair))

$(LINT)/.ready: requirements-lint.txt | setup
	@test -x $(LINT)/bin/python || $(PYTHON) -m venv $(LINT)
	@$(LINT)/bin/python -m pip install -r requirements-lint.txt
	@touch $@

clean:  ## results and caches
	rm -rf build .build .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)*' -prune -exec rm -rf {} +
