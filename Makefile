# Every target sets up what it needs: a virtual environment in .venv, renewed when the requirements change.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DEMO_OUT ?= out/demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## Train on the example graph and leave model, metrics and report in out/demo
	$(BIN)/python main.py --graph_path examples/market_5m --graph_name market_5m --target price_up \
		--epochs 40 --output_path $(DEMO_OUT)/model.pt --message_lang en --log_format text

test: lint ## Check style and types, then run all tests
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/.dev ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.runtime ## Write the generated pages anew
	$(BIN)/python -m trainer.settings.page > docs/settings.md

clean: ## Remove what the other targets made
	rm -rf $(VENV) out .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	touch $@
