# Every target sets up what it needs: a virtual environment in .venv, renewed when the requirements change.
# It takes about 5 GB, most of it CUDA for torch; with TORCH_INDEX_URL, torch's index of CPU builds, a fraction of that.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# TensorFlow and Spektral alone, 1.5 GB; everything else is that of $(VENV)
SPEKTRAL := .venv-spektral
DEMO_OUT ?= out/demo
RANKS ?= 2
RANKS_OUT ?= out/ranks
FRAMEWORK ?= pyg
# uv and cyclonedx-bom, which write locks and the bill of materials
SUPPLY := .venv-supply

.DEFAULT_GOAL := help
.PHONY: help demo ranks test test-spektral coverage lint format docs lock licences sbom bench bench-quick up down clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(if $(filter spektral,$(FRAMEWORK)),$(SPEKTRAL)/.runtime,$(VENV)/.runtime) ## Train on the example graph and leave model, metrics and report in out/demo; FRAMEWORK=… chooses
	$(dir $<)bin/python main.py --framework '$(FRAMEWORK)' --graph_path examples/market_5m --graph_name market_5m --target price_up \
		--epochs 40 --output_path $(DEMO_OUT)/model.pt --message_lang en --log_format text

ranks: $(VENV)/.runtime ## Train one model in RANKS processes on this machine, as many pods would; RANKS=… chooses
	$(BIN)/python examples/run_ranks.py --ranks $(RANKS) --graph_path examples/market_5m --graph_name market_5m --target price_up \
		--epochs 40 --output_path $(RANKS_OUT)/model.pt --message_lang en --log_format text

test: lint ## Check style and types, then run all tests
	$(BIN)/python -m pytest -n 4 --dist worksteal

test-spektral: $(SPEKTRAL)/.runtime $(VENV)/.dev ## Run the tests of FRAMEWORK=spektral, which others skip, with TensorFlow
	$(SPEKTRAL)/bin/python -m pytest -n 2 --dist worksteal -m spektral

coverage: $(VENV)/.dev ## Say which lines and branches of the program no test runs
	$(BIN)/python -m pytest -n 4 --dist worksteal --cov
	@rm -f .coverage.*

lint: $(VENV)/.dev ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.runtime ## Write the generated pages anew
	$(BIN)/python -m trainer.settings.page > docs/settings.md
	$(BIN)/python -m trainer.contract.schemas docs

COMPILE = $(SUPPLY)/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

lock: $(SUPPLY)/.runtime ## Write all locks anew from requirements*.txt; versions that still fit stay
	$(COMPILE) --universal requirements.txt --output-file requirements.lock
	$(COMPILE) --python-platform x86_64-manylinux_2_28 --constraint requirements.lock --no-emit-package tensorflow \
		requirements-spektral.txt --output-file requirements-spektral.lock
	$(COMPILE) --universal --constraint requirements.lock requirements-dev.txt --output-file requirements-dev.lock
	$(COMPILE) --universal requirements-supply.txt --output-file requirements-supply.lock

licences: $(VENV)/.runtime $(SPEKTRAL)/.runtime ## Write docs/licences.md anew, after `make lock`
	$(SPEKTRAL)/bin/python .ci/licences.py

sbom: $(SUPPLY)/.runtime ## Write the bill of materials of the image, in CycloneDX, to out/sbom.cdx.json; FRAMEWORK=… chooses the image
	$(SUPPLY)/bin/python .ci/sbom.py '$(FRAMEWORK)' out/sbom.cdx.json

bench: $(VENV)/.dev ## Measure against what one would write without this program; rows go to benchmarks/results.md
	$(BIN)/python -m benchmarks

bench-quick: $(VENV)/.dev ## The same on small graphs, printed only
	$(BIN)/python -m benchmarks --quick

up: ## Start ArangoDB, Kafka and MinIO in containers, with topics, bucket and the example graph
	docker compose up --detach --wait
	docker compose run --rm topics
	docker compose run --rm bucket
	docker compose run --rm graph
	@echo 'Tests use these services after: set -a; . tests/compose.env; set +a'
	@sh -c 'set -a; . tests/compose.env; env' | grep '^TEST_' | sort

down: ## Stop these containers and forget what they hold
	docker compose --profile init --profile run down --volumes --remove-orphans

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(SPEKTRAL) $(SUPPLY) out .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt requirements.lock | $(VENV)/bin/python
	PIP_QUIET=1 .ci/install $(BIN)/python
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	touch $@

$(SPEKTRAL)/.runtime: requirements-spektral.lock $(VENV)/.runtime
	$(PYTHON) -m venv $(SPEKTRAL)
	where='import sysconfig; print(sysconfig.get_path("purelib"))'; \
		$(BIN)/python -c "$$where" > "$$($(SPEKTRAL)/bin/python -c "$$where")/zz-below.pth"
	PIP_QUIET=1 .ci/install $(SPEKTRAL)/bin/python spektral
	touch $@

$(SUPPLY)/.runtime: requirements-supply.lock
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/python -m pip install --quiet --require-hashes --requirement requirements-supply.lock
	touch $@
