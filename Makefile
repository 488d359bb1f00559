# Daybook. `make` alone explains the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

.PHONY: help demo test lint fmt deny faults fuzz bench gen kafka

help: ## Explain the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Start a venue with data, and print what to try
	cargo run --release -- demo

test: ## Run every test, with a private Postgres and Kafka that go away afterwards
	tests/prepare
	tests/kafka run tests/postgres run cargo test --workspace --all-features

lint: ## Check formatting, lints and docs
	tests/prepare build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

fmt: ## Format the code
	cargo fmt --all

deny: ## Check licences, sources and duplicate versions of dependencies
	command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny --all-features check bans licenses sources

faults: ## Run the long campaigns: kill -9, seeded schedules, random requests, brokers that die
	tests/prepare
	DAYBOOK_FAULT_ROUNDS=50 tests/postgres run cargo test -p daybook --test tests -- \
	  --nocapture kill:: simulation:: http::schemathesis cashdesk::campaign cashdesk::races print::
	DAYBOOK_FAULT_ROUNDS=30 tests/kafka run tests/postgres run cargo test -p daybook --test tests -- \
	  --nocapture --test-threads 1 publish::storm

fuzz: ## Fuzz the readers for a minute each (needs the nightly toolchain and cargo-fuzz)
	for target in line concertpos; do \
	  mkdir -p fuzz/corpus/$$target; \
	  cargo +nightly fuzz run $$target fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=60; \
	done

bench: ## Measure beside Postgres itself and the bare Kafka client, in one run
	tests/kafka run tests/postgres run cargo bench -p daybook --bench side_by_side

gen: ## Write the generated files: JSON Schemas, new vectors, and asyncapi.json, which has the schemas in it
	DAYBOOK_BLESS=1 cargo test -p daybook-schema --all-features
	DAYBOOK_BLESS=1 cargo test --workspace --all-features --test tests asyncapi::the_document_is_generated

kafka: ## Run CMD beside a private Kafka broker, whose address is in DAYBOOK_TEST_KAFKA
	[ -n "$${DAYBOOK_TEST_KAFKA:-}" ] || tests/kafka prepare
	tests/kafka run $(CMD)
