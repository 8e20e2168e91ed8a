# `make demo` and `make test` are all that a newcomer needs; each installs what it wants.

PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
EMULATOR := build/emulator
QUIET := -q --disable-pip-version-check

.PHONY: help setup demo test e2e lint local deploy corpus bench-speech bench-audio bench-sound lifecycle-proof openapi readme clean

help:  ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready $(EMULATOR)/.ready  ## everything that the other targets need, in .venv and build

.venv/.ready: requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed (Debian: python3-venv)"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install $(QUIET) -r requirements-dev.txt
	@touch $@

# Made by the same Python: the emulator runs the Lambdas in its own interpreter.
$(EMULATOR)/.ready: infra/local/requirements.txt .venv/.ready
	$(BIN)/python -m venv --clear $(EMULATOR)
	$(EMULATOR)/bin/pip install $(QUIET) -r infra/local/requirements.txt
	@touch $@

demo: setup  ## two real calls through the deployed machine on a local account; results in build/demo
	$(BIN)/python -m infra.local.demo

test: setup lint  ## style, types, and every test that needs no local account
	$(BIN)/pytest -m 'not local'

e2e: setup  ## the machine deployed on the local account, with the real recogniser
	$(BIN)/pytest -m local

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

local: setup  ## a local account that stays, deployed, until Ctrl-C
	$(BIN)/python -m infra.local.demo --stay

deploy: setup  ## make deploy STAGE=prod POLICY=ours.toml [PARAMETERS='DpoRoleArn=…']: to the account of your credentials
	@test -n "$(STAGE)" || { echo "make deploy STAGE=dev (or prod …): the stack is called sourdine-STAGE"; exit 2; }
	$(BIN)/python -m infra.deploy $(if $(POLICY),--policy $(POLICY)) $(STAGE) $(PARAMETERS)

corpus: setup  ## more calls with human voices, into build/corpus (needs two Debian packages, which it names)
	$(BIN)/python -m tests.corpus.build

bench-speech: setup  ## how well it hears, beside Presidio, on calls that it was not tuned on; writes README's table
	$(BIN)/pip install $(QUIET) -r tests/bench/requirements.txt
	$(BIN)/python -m tests.bench.speech --readme

bench-audio: setup  ## muting and keyed digits beside ffmpeg, sox, pydub, multimon-ng (what is installed); writes README's tables
	$(BIN)/python -m tests.bench.audio --readme

bench-sound: setup  ## what stays audible of real voices through the real recogniser; writes README's table (two Debian packages)
	$(BIN)/python -m tests.bench.sound --readme

lifecycle-proof: setup  ## the vault's lifecycle rules executed by Ceph, twenty minutes; writes README's figures (five Debian packages)
	$(BIN)/python -m infra.local.lifecycle_proof

openapi: setup  ## infra/openapi.json out of the routes and of what infra/openapi/*.yaml says of them
	$(BIN)/python -m infra.openapi

readme: setup  ## write the demo's output and picture into README
	$(BIN)/python -m infra.local.readme

clean:  ## forget everything that was made
	rm -rf .venv build .chalice/deployments .pytest_cache .mypy_cache .ruff_cache
