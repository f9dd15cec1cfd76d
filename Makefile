# Every command here is one line; the work is in scripts/. `make run PORT=5002 VAR_DIR=var/5002` sets a setting.
.DEFAULT_GOAL := help
.PHONY: help run dev stop admin test test-backend test-frontend test-e2e test-deploy test-faults audit lint format types screenshots bench simulate check-ledger lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Build what is missing and run everything; Ctrl-C stops it
	@bash scripts/run.sh run

dev: ## Flask that reloads on 5001, Vite on 3000
	@bash scripts/run.sh dev

stop: ## Stop the copy that runs on VAR_DIR
	@bash scripts/run.sh stop

admin: ## Make an admin of the copy that runs: make admin NAME=ann (asks for the password)
	@bash scripts/run.sh admin "$(NAME)"

test: ## All tests: backend, frontend, and real Chromium against the real stack
	@bash scripts/test.sh

test-backend: ## Backend tests only
	@bash scripts/test.sh backend

test-frontend: ## Frontend unit tests only
	@bash scripts/test.sh frontend

test-e2e: ## Browser tests only
	@bash scripts/test.sh e2e

test-faults: ## Storms: processes killed, Redis frozen, disk full, providers ill; then everything must add up
	@SEED="$(SEED)" STORMS="$(STORMS)" BLOWS="$(BLOWS)" KEEP="$(KEEP)" bash scripts/test_faults.sh

test-deploy: ## deploy.sh and deploy-server.sh on a real Docker engine (not part of `make test`)
	@bash scripts/test_deploy.sh

audit: ## Known vulnerabilities of what the locks name (skips what no database is reached for)
	@bash scripts/audit.sh

lint: ## Every check that needs no running service
	@bash scripts/lint.sh

format: ## Rewrite what the formatters would complain about
	@bash scripts/format.sh

types: ## Regenerate Docs/openapi.json and the frontend's types from the code
	@bash scripts/types.sh

screenshots: ## Walk the five journeys and keep a dozen pictures of them in Docs/screenshots
	@bash scripts/screenshots.sh

bench: ## One table of what the service costs, in ratios: time, processor, memory, bytes
	@RUNS="$(RUNS)" ONLY="$(ONLY)" WRITE="$(WRITE)" bash scripts/bench.sh

simulate: ## What one Redis has to do for 1, 10 and 100 million pictures a day, by the real scripts
	@MILLIONS="$(MILLIONS)" HOURS="$(HOURS)" LASTS="$(LASTS)" ROOM="$(ROOM)" bash scripts/simulate.sh

check-ledger: ## Prove that the ledger, the items and the budgets agree (of the copy that runs on VAR_DIR)
	@bash scripts/check_ledger.sh

lock: ## Resolve the dependencies again, with hashes
	@bash scripts/lock.sh

clean: ## Remove what was built or installed here (never var/, which holds data)
	@bash scripts/clean.sh
