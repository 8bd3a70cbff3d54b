# `make demo` and `make test` are all one needs to know; `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
NEEDS := pyproject.toml requirements.lock

.DEFAULT_GOAL := help
.PHONY: help demo test check crash bench screenshots words lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1\t/p' Makefile | expand -t 18

demo: $(RUNTIME) ## publish the sample magazine into demo/: mail, feeds and pages
	@test -e demo/dispatch.toml || { mkdir -p demo && cp -R sample/. demo/; }
	@$(BIN)/dispatch --config demo run --once

test: $(DEVELOPMENT) ## run all tests
	@tests/parts.sh
	@$(BIN)/pytest -n auto --dist worksteal -q

check: $(DEVELOPMENT) ## style, imports and types
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/lint-imports
	@$(BIN)/mypy

crash: $(DEVELOPMENT) ## kill a send a hundred times at random moments, and count who received
	@$(BIN)/python tests/campaign.py $(if $(SEED),--seed $(SEED)) $(if $(STORE),--store $(STORE))

bench: $(DEVELOPMENT) ## measure speed, as ratios
	@$(BIN)/python benchmarks/collect.py
	@$(BIN)/python benchmarks/render.py
	@$(BIN)/python benchmarks/message.py
	@$(BIN)/python benchmarks/imports.py
	@$(BIN)/python benchmarks/clock.py
	@$(BIN)/python benchmarks/compose.py
	@$(BIN)/python benchmarks/push.py
	@$(BIN)/python benchmarks/serving.py
	@$(BIN)/python benchmarks/site.py
	@$(BIN)/python benchmarks/delivery $(DELIVERY)

screenshots: $(DEVELOPMENT) ## take the pictures of mails in docs/mail/ anew
	@$(BIN)/python docs/screenshots.py

words: $(DEVELOPMENT) ## bring templates/words/ up to date with the sentences in templates and code
	@$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keyword phrase --add-comments Translators: --strip-comments \
	   --omit-header --sort-by-file --add-location file --no-wrap --output templates/words/messages.pot .
	@for po in templates/words/*.po; do $(BIN)/pybabel --quiet update --input templates/words/messages.pot --no-wrap \
	   --ignore-obsolete --ignore-pot-creation-date --locale $$(basename $$po .po) --output-file $$po || exit 1; done
	@grep -c -F fuzzy templates/words/*.po | sed -n 's/:0$$//; t; s/:/: /; s/$$/ fuzzy/p'

lock: ## renew requirements.lock with the newest versions that pyproject.toml allows
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet -e '.[dev]'
	@{ sed -n '/^#/p' requirements.lock; \
	   build/lock/bin/python -m pip freeze --exclude-editable | LC_ALL=C sort -f; } > build/requirements.lock
	@mv build/requirements.lock requirements.lock && rm -rf build/lock

clean: ## remove demo/ and everything built, but not .venv
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): $(NEEDS) | $(BIN)/pip
	@echo "Installing Dispatch into .venv (once) ..."
	@$(PIP) -c requirements.lock -e .
	@touch $@

$(DEVELOPMENT): $(NEEDS) | $(BIN)/pip
	@echo "Installing Dispatch and its checks into .venv (once) ..."
	@$(PIP) -c requirements.lock -e '.[dev]'
	@touch $(RUNTIME) $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Dispatch needs Python 3.11 or later, and $(PYTHON) is older or missing."; \
	  echo "On Debian 12, Ubuntu 24.04 or later: sudo apt-get install python3 python3-venv"; \
	  echo "Another Python: make PYTHON=/path/to/python3.11 demo"; exit 1; } >&2
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. Type: sudo apt-get install python3-venv"; exit 1; } >&2
	@$(PYTHON) -m venv .venv
