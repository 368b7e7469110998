# Everything here works on a machine with only Python 3, pip and make: .venv is made by setup.sh.
# No make? `sh setup.sh && .venv/bin/ujuzi demo`, `sh setup.sh dev && .venv/bin/pytest`.
.PHONY: help demo up test pages load minute bench bench-wallets costs faults cohort cluster fuzz interop check audit image image-check alerts-check configuration lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

demo: ## Play the whole story on this machine, in under two minutes
	@sh setup.sh
	@.venv/bin/ujuzi demo

up: ## Run everything on this machine until Ctrl-C
	@sh setup.sh
	@.venv/bin/ujuzi up

test: ## Run every test
	@sh setup.sh dev
	@.venv/bin/pytest --timeout 600 -n 4 --dist loadfile --no-loadscope-reorder tests/e2e tests/integration tests/contract tests/unit

pages: ## Look at every page as three readers do: on a laptop in English, on a phone in French and in Arabic (`make test` deals each to one of them)
	@sh setup.sh dev
	@EVERY_READER=1 .venv/bin/pytest --timeout 300 -n 2 --dist loadfile tests/integration/console tests/integration/trust tests/integration/verifier tests/integration/wallet tests/e2e/test_14_officer_day.py tests/e2e/test_18_learner_day.py

minute: ## Let 200 claims arrive within one minute, and print how long they took and what those who waited were told: CLAIMS=…
	@sh setup.sh dev
	@CLAIMS=$(CLAIMS) .venv/bin/pytest -s tests/load/test_claims_minute.py

load: ## Let 60 learners claim and prove at once, on SQLite and on PostgreSQL, sign a list of 10,000, award 50,000, and print how fast it was
	@sh setup.sh dev
	@.venv/bin/pytest tests/load --ignore tests/load/test_claims_minute.py --ignore tests/load/test_wallets.py --ignore tests/load/test_costs.py

bench: ## Measure Ujuzi beside stock ACA-Py and the bare arithmetic, for half an hour or more (`ujuzi bench --quick`: five minutes)
	@sh setup.sh
	@.venv/bin/ujuzi bench

bench-wallets: ## Hold 2,000 wallets, open 50, and print what memory, unlocking and making them take: WALLETS=…
	@sh setup.sh dev
	@WALLETS=$(WALLETS) .venv/bin/pytest -q -s tests/load/test_wallets.py

costs: ## Measure what a claim and a proof cost: processor time, bytes on the wire, in PostgreSQL, NATS and stores: COUNT=… WRITE=docs/scale/measured.json
	@sh setup.sh dev
	@COUNT=$(COUNT) WRITE=$(WRITE) .venv/bin/pytest -q -s tests/load/test_costs.py

faults: ## Let programs, disks, databases and networks fail while learners claim and prove, then audit every store: SEED=… MINUTES=…
	@sh setup.sh dev
	@SEED=$(SEED) MINUTES=$(or $(MINUTES),5) .venv/bin/pytest tests/faults/test_faults.py

cohort: ## Kill issuer, agent or NATS while a cohort of 1,000 is prepared, sent and claimed, then audit every store: SEED=… ROWS=… KILLS=…
	@sh setup.sh dev
	@SEED=$(SEED) ROWS=$(or $(ROWS),1000) KILLS=$(or $(KILLS),12) .venv/bin/pytest -s tests/faults/test_cohort.py -k $(or $(ON),sqlite)

cluster: ## Kill every program once while learners claim and prove: NATS of three, PostgreSQL, two shards, all twice; then audit every store: SEED=… KILLS=…
	@sh setup.sh dev
	@SEED=$(SEED) KILLS=$(KILLS) .venv/bin/pytest tests/cluster

fuzz: ## Send every parser and API what nobody expects, for about half an hour (`pytest tests/fuzz` is the short pass)
	@sh setup.sh dev
	@.venv/bin/pytest --hypothesis-profile=long tests/fuzz

interop: ## Let Credo-TS, another project's wallet, claim and prove (needs node, npm and a C++ compiler)
	@sh setup.sh dev
	@.venv/bin/pytest tests/interop

check: ## Check style, types and import rules
	@sh setup.sh dev
	@if git grep -nE '^(<{7}|>{7})( |$$)'; then echo 'make check: marks of a merge are left above.' >&2; exit 1; fi
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

audit: ## Ask about every pinned package: known holes, withdrawn releases, licences (needs PyPI itself, not a mirror)
	@sh setup.sh dev
	@ADVISORIES=must .venv/bin/pytest tests/audit

image: ## Build the image of every program on a base given by its digest: BASE=docker.io/library/debian:13-slim@sha256:…
	@case "$(BASE)" in *@sha256:*) ;; *) echo "make image: expected BASE=NAME@sha256:…, found '$(BASE)'; docs/deploy.md says how to find it." >&2; exit 2 ;; esac
	@$(or $(ENGINE),docker) build --build-arg BASE=$(BASE) --file deploy/image/Containerfile --tag ujuzi .

image-check: ## Follow docs/deploy.md to an award and a proof, through upgrade, loss and new keys, without a container engine (needs root, mmdebstrap, postgresql, caddy): UPGRADE_FROM=…
	@sh setup.sh dev
	@UPGRADE_FROM=$(UPGRADE_FROM) .venv/bin/pytest -s --timeout 3600 tests/image

alerts-check: ## Let Prometheus' promtool read the alerts and try each one (needs promtool: Debian's package prometheus)
	@sh setup.sh dev
	@.venv/bin/pytest -q tests/alerts

configuration: ## Write docs/configuration.md anew from the programs' settings
	@sh setup.sh dev
	@.venv/bin/ujuzi deploy settings >docs/configuration.md

lock: ## Pin every dependency anew, with hashes
	@sh setup.sh dev
	@printf 'uv\n' | $(COMPILE) -o requirements/uv.txt -
	@printf 'hatchling\neditables\n' | $(COMPILE) -o requirements/build.txt -
	@$(COMPILE) -o requirements/run.txt pyproject.toml
	@$(COMPILE) -o requirements/dev.txt -c requirements/run.txt --group dev pyproject.toml

COMPILE = .venv/.uv/bin/uv pip compile --quiet --universal --generate-hashes --no-header

clean: ## Remove the environment and the caches, never a home with data in it
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
