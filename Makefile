# Every command a person or a machine needs; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run setup test quick soak seeds bench mutants format messages lock fresh-clone pictures

help: ## List these commands
	@sed -nE 's/^([a-z-]+): *## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

run: ## Set everything up and start the whole product at http://localhost:8000
	@exec scripts/run.sh

setup: ## Set up what developing and testing need, and stop there
	@exec scripts/setup.sh test

test: ## Run all checks: format, lint, types, imports, SQLite, PostgreSQL, real processes, browser
	@exec scripts/test.sh all

quick: ## Run the checks worth running at each commit: lint, types, imports, SQLite
	@exec scripts/test.sh quick

soak: ## Run the long checks: crowds, kill -9, load and stories of chance, many times over (about three and a half hours)
	@exec scripts/soak.sh

seeds: ## Tell one story of chance step by step, and judge it (SEED=4711)
	@PAYGATE_SEED=$(or $(SEED),4711) exec scripts/seeds.sh

mutants: ## Change what decides about money, one place at a time, and see that a test notices (ONLY=payable: one file)
	@exec scripts/mutants.sh $(ONLY)

format: ## Put the code into its standard form and mend what ruff can mend
	@exec scripts/format.sh

pictures: ## Walk through the product in a browser and renew its pictures: docs/pictures and the quick guide
	@exec scripts/pictures.sh

bench: ## Measure how fast the product is, each figure beside a yardstick (BENCH_QUICK=1: a short try)
	@exec scripts/bench.sh

messages: ## Bring the translation catalogues up to date with the texts in the code
	@exec scripts/messages.sh

lock: ## Resolve the dependencies again and write requirements/*.lock
	@exec scripts/lock.sh

fresh-clone: ## Try `make run` from a clean clone, as root and as an ordinary user (TEST=1: `make test` too)
	@exec scripts/fresh-clone.sh $(if $(TEST),--test)
