# Everything a person does here, on a machine that has Python 3.10 to 3.13 with venv, and make. `make` lists it.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_VENV := .bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
AIRFLOW := apache-airflow apache-airflow-core apache-airflow-task-sdk
ON_NEWEST := tests/dags tests/http/test_session.py tests/plugins/ticket_page/test_rights.py
OLDEST_POSTGRES := 15
# Images of containers often forbid Python to keep what it has compiled: each of hundreds of processes compiles it again.
export PYTHONDONTWRITEBYTECODE :=
EVERY_TEST := -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# The first of these that is a Python 3.10 to 3.13 and can create virtual environments; `make demo PYTHON=...` decides.
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.10)
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 14))
FIND_PYTHON = for python in $(PYTHONS); do "$$python" -c '$(SUITABLE)' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then \
		echo "No usable Python among: $(PYTHONS)."; \
		echo "This needs Python 3.10 to 3.13 with its venv module (on Debian and Ubuntu: apt install python3-venv)."; \
		echo "If you have one elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
		exit 1; \
	fi >&2

.PHONY: help demo test coverage test-long oldest celery newest bench lint lock clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

demo: $(INSTALLED) ## Airflow, Postgres and a simulator of each PSA on this machine; ONCE=1 exits after the run, COMPANIES=, PORT=
	@$(BIN)/python -m demo

test: $(INSTALLED) ## every test, two files at a time; PSA_TEST_POSTGRES=18 chooses another Postgres
	@$(BIN)/python $(EVERY_TEST)

# By itself, because Python 3.11 and earlier need up to twice the time when every line is counted.
coverage: $(INSTALLED) ## every test, and the lines of dags, include and plugins that none of them runs
	@$(BIN)/python $(EVERY_TEST) --cov --cov-report=term-missing

test-long: $(INSTALLED) ## long listings stopped at many moments, and a thousand drawn histories; hours
	@PSA_TEST_LONG=1 $(BIN)/python -m pytest tests/sync/test_kills.py tests/sync/test_postgres_stops.py \
		tests/sync/test_histories.py

# Without the test of memory, which is not Postgres': it takes as long as all the others.
oldest: $(INSTALLED) ## the tests of warehouse and sync on the oldest Postgres that is promised, which Debian 12 has
	@PSA_TEST_POSTGRES=$(OLDEST_POSTGRES) $(BIN)/python -m pytest --numprocesses 2 --dist loadfile \
		tests/warehouse tests/sync --ignore tests/sync/test_memory.py

celery: $(INSTALLED) ## a worker of two dies in the middle of a run, with Celery and Debian's redis-server; two minutes
	@PSA_TEST_CELERY=1 $(BIN)/python -m pytest tests/dags/test_celery.py

# The locked packages, but for Airflow itself: the newest on the registry, of which only betas may exist.
newest: ## the tests that depend most on Airflow, on its newest version, betas included
	@$(FIND_PYTHON); newest=$$(mktemp -d) && trap 'rm -rf "$$newest"' EXIT && "$$python" -m venv "$$newest" && \
	"$$newest/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.lock && \
	"$$newest/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade --pre $(AIRFLOW) && \
	"$$newest/bin/python" -m pip list --disable-pip-version-check | grep '^apache-airflow' && \
	"$$newest/bin/python" -m pytest --numprocesses 2 --dist loadfile $(ON_NEWEST)

bench: $(INSTALLED) $(BENCH_INSTALLED) ## this package beside dlt and Singer, in hours; OPTIONS="--size S --runs 1" in minutes
	@$(BIN)/python -m bench.compare $(OPTIONS)

lint: $(INSTALLED) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy -p psa_pages -p psa_ticket_page -p psa_setup_page -p psa_status_page -m psa_tickets -m psa_setup -m psa_status -m psa_force_sync -m psa_preload -m psa_quick_runs

lock: ## both locks from the requirements files, for every Python; remove a lock first to upgrade it
	@$(FIND_PYTHON); tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && "$$python" -m venv "$$tools" && \
	"$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv && \
	for lock in requirements.lock:requirements-dev.txt bench/requirements.lock:bench/requirements.txt; do \
		"$$tools/bin/uv" pip compile --quiet --no-config --universal --python-version 3.10 --fork-strategy fewest \
			--generate-hashes --custom-compile-command 'make lock' --output-file "$${lock%:*}" "$${lock#*:}" || exit 1; \
	done

clean: ## everything the other targets made, the demo's data included
	@if [ -d .demo ] && [ -x $(BIN)/python ]; then $(BIN)/python -m demo.clean; fi
	@rm -rf .demo $(VENV) $(BENCH_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp per lock: an unchanged one makes the next call instant, a changed one starts from an empty environment.
# The lock is complete, so pip has nothing to resolve (--no-deps).
$(INSTALLED): requirements.lock
$(BENCH_INSTALLED): bench/requirements.lock
$(INSTALLED) $(BENCH_INSTALLED):
	@$(FIND_PYTHON); echo "Installing $$(grep -c '^[a-z].*==' $<) pinned packages into $(@D) (a minute or two)"; \
	"$$python" -m venv --clear $(@D) && $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes --requirement $< && touch $@
