# A newcomer only needs build and test; each installs what it uses.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
# On all cores, where pip uses one. If Python may not write bytecode later, every start of dbt would compile it again.
BYTECODE := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
# The files have the hash of every distribution, so that they work on any platform.
COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --no-header --no-annotate \
	--no-strip-extras --generate-hashes pyproject.toml
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: build test lint format sample bench spark test-spark spark-up spark-down lock sbom clean help
.DEFAULT_GOAL := build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: $(VENV)/runtime ## replay the shipped sample and publish it under artifacts/validation
	$(BIN)/aina-data-engine semantic-patch-replay

test: $(VENV)/dev $(VENV)/oldest-client ## run all tests by pytest, which runs the dbt tests too; CI also runs lint
	$(BIN)/pytest

lint: $(VENV)/lint $(VENV)/linted ## check style and types of Python, SQL and the dbt project
	$(BIN)/ruff check scripts
	$(BIN)/ruff format --check scripts
	$(BIN)/mypy
	$(BIN)/dbt --quiet parse
	$(BIN)/dbt-bouncer --config-file dbt-bouncer.yml

# It takes twenty seconds, so SQL is linted again only when some of it has changed.
$(VENV)/linted: .sqlfluff dbt_project.yml scripts/lint_sql.py $(shell find functions macros models seeds tests -type f) $(VENV)/lint
	$(BIN)/python scripts/lint_sql.py lint --disable-progress-bar --processes 2 models tests/replay tests/loop
	PYTHONWARNINGS=ignore::UserWarning:multiprocessing.resource_tracker \
		$(BIN)/python scripts/lint_sql.py lint --disable-progress-bar --templater jinja functions
	@touch $@

format: $(VENV)/lint ## fix what a formatter can
	$(BIN)/ruff check --fix scripts
	$(BIN)/ruff format scripts
	$(BIN)/sqlfluff fix --disable-progress-bar models tests
	$(BIN)/sqlfluff fix --disable-progress-bar --templater jinja functions

sample: $(VENV)/runtime ## generate the shipped sample again, from seeds/bls_ooh_titles.csv
	$(BIN)/python scripts/make_sample.py

# make bench TITLES=1000000 PATCHES=1000000 TIMES=3; BENCH is the directory for the root, the table and the plot
TITLES ?= 100000
PATCHES ?= $(TITLES)
TIMES ?= 3
BENCH ?= artifacts/bench
bench: $(VENV)/dev ## compare the replay's time with that of its peers, on a root of any size
	$(BIN)/python scripts/bench.py all $(TITLES) $(PATCHES) $(TIMES) $(BENCH)

spark: $(VENV)/spark ## replay the shipped sample on Apache Spark, in one process or on SPARK_MASTER; needs Java 17
	$(BIN)/aina-data-engine semantic-patch-replay --target spark --force

test-spark: $(VENV)/dev $(VENV)/spark ## run the tests on Spark, in one process and on a cluster of two workers
	$(BIN)/pytest -p no:xdist -o addopts="-q --strict-markers" scripts/tests_on_spark

spark-up: $(VENV)/spark ## start a Spark cluster on loopback, a master and two workers
	$(BIN)/python scripts/spark_cluster.py up

spark-down: ## stop that cluster
	$(BIN)/python scripts/spark_cluster.py down

lock: $(VENV)/runtime ## resolve and pin the dependencies of pyproject.toml again
	$(BIN)/pip install --quiet uv
	$(COMPILE) --extra build --extra dev --extra lint --output-file requirements-lint.txt
	$(COMPILE) --extra build --extra dev --constraint requirements-lint.txt --output-file requirements-dev.txt
	$(COMPILE) --extra build --constraint requirements-lint.txt --output-file requirements.txt
	$(COMPILE) --extra build --extra spark --constraint requirements-lint.txt --output-file requirements-spark.txt
	$(COMPILE) --extra sbom --constraint requirements-lint.txt --output-file requirements-sbom.txt

sbom: $(VENV)/sbom ## write a bill of materials (CycloneDX) of an install's packages: sbom.cdx.json
	$(VENV)/sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.cdx.json requirements.txt

clean: ## remove everything that was generated
	rm -rf $(VENV) target logs build sbom.cdx.json
	rm -rf artifacts/*

$(VENV)/runtime: requirements.txt pyproject.toml
	@echo "Installing requirements.txt into $(VENV); the first time takes about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(BYTECODE)
	@touch $@

# The oldest client that opens the published database, beside the one that writes it. Its wheels do
# not cover every Python and system; where none fits, the test is skipped and says so.
$(VENV)/oldest-client: | $(VENV)/runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --target $@ duckdb==1.1.0 || true

$(VENV)/dev: $(VENV)/runtime requirements-dev.txt
	@echo "Installing requirements-dev.txt, for the tests."
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@$(BYTECODE)
	@touch $@

# The tests need no linters, so they do not wait for their install.
$(VENV)/lint: $(VENV)/dev requirements-lint.txt
	@echo "Installing requirements-lint.txt, for the linters."
	@$(INSTALL) --require-hashes -r requirements-lint.txt
	@$(BYTECODE)
	@touch $@

# Built with the pinned setuptools: PyPI has only a source distribution of Spark.
$(VENV)/spark: $(VENV)/runtime requirements-spark.txt
	@echo "Installing requirements-spark.txt, for Spark: half a gigabyte."
	@$(INSTALL) --no-build-isolation --require-hashes -r requirements-spark.txt
	@$(BYTECODE)
	@touch $@

$(VENV)/sbom: $(VENV)/runtime requirements-sbom.txt
	@$(PYTHON) -m venv $@
	@$@/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-sbom.txt
	@touch $@
