# The two commands a newcomer needs are `make demo` and `make test`.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test test-es8 check bench evaluate model faults faults-of-others format schemas keep-release constraints clean help

help:            ## list these targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv (about 60 packages, pinned in constraints.txt) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP)   ## run the main job once; LOG=… FEEDBACK=… REPLAY_AT=… KEEP=1 ENGINES=embedded
	@$(if $(ENGINES),HYPERCARE_ENGINES='$(ENGINES)') $(BIN)/hypercare demo \
	  $(if $(LOG),--log '$(LOG)') $(if $(FEEDBACK),--feedback '$(FEEDBACK)') $(if $(REPLAY_AT),--replay-at '$(REPLAY_AT)') $(if $(KEEP),--keep)

test: check      ## everything, on real engines, started once
	@$(BIN)/pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder -m 'slow or (engines and not alone)' tests
	@$(BIN)/pytest -m alone tests/scenarios tests/integration

test-es8: $(STAMP) ## the sink's contract, summary and engines once more, on Elasticsearch 8.16.6 (downloads 916 MB once)
	@HYPERCARE_ENGINES=local HYPERCARE_ELASTICSEARCH_VERSION=8 $(BIN)/pytest \
	  tests/integration/test_sink.py tests/integration/test_templates.py tests/integration/test_search.py tests/integration/test_forget.py \
	  tests/integration/test_dashboards.py tests/integration/test_questions.py tests/integration/test_rules.py \
	  tests/integration/test_roles.py tests/integration/test_engines.py tests/scenarios/test_service.py

check: $(STAMP)  ## what to run while editing: format, lint, types, unit tests but the slow ones
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/pytest --numprocesses auto -m 'not slow' tests/unit tests/test_architecture.py

bench: $(STAMP)  ## speed against named alternatives on real engines; OUT=file.json ROUNDS=n; makes .venv-peers
	@$(BIN)/python -m benchmarks.run $(if $(OUT),--out '$(OUT)') $(if $(ROUNDS),--rounds $(ROUNDS))

evaluate: $(STAMP) ## quality on public data and simulated faults, about half an hour; OUT=file.json SEEDS=n DATA=folder
	@$(BIN)/python -m benchmarks.quality.run $(if $(OUT),--out '$(OUT)') $(if $(SEEDS),--seeds $(SEEDS)) \
	  $(if $(DATA),--data '$(DATA)')

faults: $(STAMP) ## every fault on real engines, a table at the end; SEED=n ROWS=1,2 SHORT=1 OUT=file.json
	@$(BIN)/python -m tests.faults.run $(if $(SEED),--seed $(SEED)) $(if $(ROWS),--rows $(ROWS)) $(if $(SHORT),--short) \
	  $(if $(OUT),--out '$(OUT)')

faults-of-others: $(STAMP) ## some of these faults against stream libraries, writes docs/faults-of-others.md; makes .venv-peers
	@$(BIN)/python -m tests.faults.others.run $(if $(ROWS),--rows $(ROWS))

format: $(STAMP) ## format and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .

model: $(STAMP)  ## train the model of categories from its corpus: after a change of the corpus, under a minute
	@$(BIN)/python -m processors.feedback.category.train

schemas: $(STAMP) ## write schemas and generated tables from the models
	@$(BIN)/python -m contracts.json_schema && $(BIN)/python -m contracts.asyncapi && $(BIN)/python -m contracts.topic_table \
	  && $(BIN)/python -m producers.intake.documented && $(BIN)/python -m hypercare.documented && $(BIN)/python -m sinks.kibana.written

keep-release: $(STAMP) ## keep schemas and golden messages of this version for ever: later ones are held against them
	@$(BIN)/python -m tests.golden.keep

constraints: $(STAMP) ## pin what is installed now
	@$(BIN)/pip freeze --exclude-editable > constraints.txt

clean:           ## remove the environment and caches, keep engines and data
	@rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis
