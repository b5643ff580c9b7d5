# Waterbear's targets. The two to begin with:
#
#   make demo    a query survives the death of a worker, live
#   make test    all tests; installs what they need
#
# Needed: Go, a C compiler, make, Python 3 and access to the package registries.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
SCALE ?= 1
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: build
build: ## build bin/waterbear
	@test/install-toolchain.sh
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/waterbear ./cmd/waterbear

.PHONY: demo
demo: build ## kill a worker in the middle of a query, and get the right answer
	bin/waterbear demo

.PHONY: bench
bench: build ## time the TPC-H queries at scale factor SCALE (1) against DuckDB
	bin/waterbear bench tpch --scale $(SCALE) --footprint

.PHONY: bench-connectors
bench-connectors: ## time reading from databases and lakes at scale factor SCALE (1), on servers of its own
	go test -v -tags e2e -count=1 -timeout 60m -run '^TestConnectorsBench$$' ./test/e2e -connectors.scale $(SCALE) -connectors.runs 3 -connectors.format text

.PHONY: tpcds-data
tpcds-data: ## make the tables and queries of TPC-DS at scale factor SCALE (1), for `waterbear bench tpcds`
	test/install-tpcds.sh
	.cache/tpcds/venv/bin/python test/tpcds/generate.py $(SCALE) .cache/tpcds/sf$(SCALE)

.PHONY: test
test: ## run all tests (test/run has the steps)
	test/run

.PHONY: race
race: ## run the unit tests of all packages under the race detector
	go test -race -p 2 -timeout 30m ./internal/... ./cmd/... ./test/...

.PHONY: lint
lint: ## check format and style: gofmt, go vet, staticcheck, golangci-lint
	test/run format vet lint
	go run $(GOLANGCI) run ./...

.PHONY: generate
generate: ## write generated files anew
	go generate ./...

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (10s)
	test/fuzz $(FUZZTIME)

.PHONY: clean
clean: ## remove what was built and downloaded
	rm -rf bin .cache

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
