# WIHY: `make run` is all it takes. Settings come from the environment or from .env (see .env.example).

PYTHON ?= python3
ARGS ?=

python := .venv/bin/python
code := wihy config.py wsgi.py deploy

.DEFAULT_GOAL := help
.PHONY: help install install-dev run serve demo test check chaos bench-capture bench-steady bench-analytics bench-size format lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

install: ## install what the server needs (.venv, static/vendor)
	@$(PYTHON) deploy/bootstrap.py

install-dev: ## install what the tests need, too
	@$(PYTHON) deploy/bootstrap.py --dev

run: install ## start WIHY on PORT (8080)
	@exec $(python) -m flask --app wsgi start

serve: install ## start it for production, in parts behind a proxy (see docs/production.md)
	@exec $(python) -m flask --app wsgi serve

demo: install ## start it as `run` does, with 90 days of sample data and a link for each kind of user
	@exec $(python) -m flask --app wsgi demo start

test: install-dev ## run the tests; ARGS="-k capture" chooses some
	$(python) -m pytest -n 2 --dist loadgroup -q $(ARGS)

check: install-dev ## formatting, lint, types, security and tests: what CI runs
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(python) -m bandit -q -c pyproject.toml -r $(code)
	$(python) -m pytest -n 2 --dist loadgroup -q $(ARGS)

bench-capture: install-dev ## measure captures a second (needs wrk, PostgreSQL and Redis); ARGS="--rounds 1 -c 1000"
	$(python) -m benchmarks.capture $(ARGS)

bench-steady: install-dev ## measure how long captures take when 500 and 1,000 come each second
	$(python) -m benchmarks.steady $(ARGS)

bench-analytics: install-dev ## measure dashboards at 1 and 10 million events (needs PostgreSQL); ARGS="--events 1000000"
	$(python) -m benchmarks.analytics $(ARGS)

bench-size: install-dev ## measure bytes for each of 10 million events (needs PostgreSQL)
	$(python) -m benchmarks.size $(ARGS)

chaos: install-dev ## kill servers and workers under load, 20 times: nothing may be lost (needs PostgreSQL)
	$(python) -m benchmarks.chaos $(ARGS)

format: install-dev ## format the code and fix what can be fixed
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: install ## pin all packages anew; ARGS=--upgrade takes the newest
	$(python) -m uv pip compile -q --universal --generate-hashes pyproject.toml -o requirements.txt $(ARGS)
	$(python) -m uv pip compile -q --universal --generate-hashes pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt $(ARGS)
	npm install --package-lock-only

clean: ## remove what these commands made; instance/ and .env stay
	rm -rf .venv node_modules static/vendor .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
