# make demo   watch it work: no microphone, no GPIO, no account
# make test   lint, types, contracts and every test
.PHONY: help demo test test-homeassistant test-systemd check bench gpio-sim clean
.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON

help: ## Show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/'

demo: ## Install what is missing, then watch the whole story (under a minute)
	@tools/set-up demo
	@.venv/bin/sottovoce demo --keep .demo

test: ## Install what is missing, then lint, types, contracts and every test (under 10 minutes)
	@tools/set-up test
	@$(MAKE) --no-print-directory check
	.venv/bin/pytest -q --cov --cov-report= -m "not real_time and not systemd" --numprocesses 2 --dist loadfile
	.venv/bin/pytest -q --cov --cov-append --cov-report=term -m real_time

test-homeassistant: ## The device against Home Assistant itself (its own environment, 1 GB; Python 3.13)
	@tools/set-up test
	@tools/set-up-homeassistant
	.venv/bin/pytest -q -m homeassistant tests/homeassistant

check: ## Lint, types and import contracts only
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

test-systemd: ## The units booted in a real systemd, in QEMU: that they work, and what they refuse (minutes)
	@tools/set-up test-systemd
	.venv/bin/pytest -q -s -m systemd tests/systemd

bench: ## What the pipeline costs on this machine
	@tools/set-up demo
	@.venv/bin/sottovoce bench pipeline

gpio-sim: ## The privacy switch on a real kernel's GPIO lines, without a Pi (optional)
	@tools/set-up demo
	@tests/gpio_sim/run

clean: ## Remove what the targets made
	rm -rf .venv .venv-homeassistant .demo .gpio-sim .systemd-guest .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .import_linter_cache *.egg-info firmware/*.egg-info
