# Dvala. Bare `make` explains the targets. Everything runs without cgo.
export CGO_ENABLED = 0
GO ?= go
# Where the reference data lies, if it is there; tests that need it say so and are skipped without it.
export DVALA_REFERENCE ?= $(abspath ../shared)
OUT ?= out
FUZZTIME ?= 20s
OC ?= 2000
KILLS ?= 1000
EVENTS ?= 100000
TYPES ?= ./...
GOVULNCHECK ?= v1.9.0
# Where the cases of property tests begin; 0 draws others every time.
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help test quick check demo pictures bench bench-store soak fuzz build same sbom vuln race generate oc clean

help: ## this list
	@echo "Dvala: a sleep trial, from the protocol file to the printed report"
	@echo
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "The first thing to try:  go run ./cmd/dvala demo"

test: ## all tests, floors 0 to 3 covered by 70 % at least; what is skipped is counted and said aloud
	@$(GO) run ./internal/house/testall -cover 70 -seed $(SEED) $(TYPES)

quick: ## all tests, without measuring what they cover
	@$(GO) run ./internal/house/testall -seed $(SEED) $(TYPES)

check: ## format, vet, staticcheck, walls, docs, generated files, sizes
	@echo "format"; bad=$$($(GO) tool gofumpt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "not formatted (go tool gofumpt -w):"; echo "$$bad"; exit 1; }
	@echo "modules"; $(GO) mod verify >/dev/null && $(GO) mod tidy -diff
	@echo "vet"; $(GO) vet ./...
	@echo "staticcheck"; $(GO) tool staticcheck ./...
	@echo "walls, docs, sizes, generated files"; $(GO) test -count=1 ./internal/house

demo: ## a whole trial with made-up people, into out/demo
	@rm -rf $(OUT)/demo && $(GO) run ./cmd/dvala demo --dir $(OUT)/demo

bench: ## the benchmarks whose figures stand in doc/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem ./...

soak: ## KILLS (1000) processes killed with SIGKILL while they write, on SQLite and on PostgreSQL: nothing acknowledged is lost; a file of 4 GB; a trial of ninety days that is served; a million draws of each block
	DVALA_SOAK=$(KILLS) $(GO) test -count=1 -run 'TestKill$$|TestServersKilled' -v -timeout 6h ./store
	DVALA_SOAK=$(KILLS) $(GO) test -count=1 -run 'TestLargeFile|TestLivedThrough|TestTimesTellNoArm' -v -timeout 2h ./cmd/dvala
	DVALA_SOAK=$(KILLS) $(GO) test -count=1 -run TestPermutationsAreUniform -v -timeout 1h ./alloc/design

bench-store: ## durable submissions on SQLite and PostgreSQL; opening, and the questions of the dashboard and lists, at 1,000 to EVENTS (100000) entries
	DVALA_EVENTS=$(EVENTS) $(GO) test -run XXX -bench 'Submissions|Opening' -benchtime 5s -timeout 2h ./store
	DVALA_EVENTS=$(EVENTS) $(GO) test -run XXX -bench Questions -benchtime 1x -timeout 5h ./store

oc: ## type I error, coverage and bias over OC (2000) made-up trials: the tables of doc/methods/operating-characteristics.md (hours)
	DVALA_OC=$(OC) $(GO) test -count=1 -run OperatingCharacteristics -v -timeout 12h ./estimate ./stats

fuzz: ## every fuzz target in turn, FUZZTIME each (20s)
	@$(GO) run ./internal/house/fuzzall -time $(FUZZTIME)

pictures: ## every page as the browser tests see it, in OUT/pictures (Chromium)
	@rm -rf $(OUT)/pictures && mkdir -p $(OUT)/pictures
	DVALA_SHOTS=$(abspath $(OUT)/pictures) $(GO) test -count=1 ./ui ./ui/person
	@$(GO) run ./internal/house/gallery $(OUT)/pictures

build: ## bin/dvala and bin/dvala-verify
	$(GO) build -trimpath -buildvcs=false -o bin/ ./cmd/dvala ./cmd/dvala-verify

same: build ## builds both again from a copy elsewhere, with nothing kept: the same bytes
	@dir=$$(mktemp -d) && trap 'chmod -R u+w "$$dir"; rm -rf "$$dir"' EXIT && mkdir "$$dir/source" && git ls-files -z | tar -c --null -T - | tar -x -C "$$dir/source" && \
	( cd "$$dir/source" && GOCACHE="$$dir/cache" $(GO) build -trimpath -buildvcs=false -o "$$dir/bin/" ./cmd/dvala ./cmd/dvala-verify ) && \
	for p in dvala dvala-verify; do cmp "bin/$$p" "$$dir/bin/$$p" || exit 1; echo "$$p is the same: $$(sha256sum < "bin/$$p" | cut -c1-64)"; done

sbom: build ## bin/*.cdx.json: which modules the programs were built from (CycloneDX 1.6)
	$(GO) run ./internal/house/sbom bin/dvala bin/dvala-verify

vuln: ## known vulnerabilities in what the programs call (govulncheck); said aloud where its database cannot be reached
	@out=$$($(GO) run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./... 2>&1); rc=$$?; \
	if [ $$rc -ne 0 ] && echo "$$out" | grep -q 'fetching vulnerabilities\|no such host\|dial tcp\|i/o timeout'; then \
	  echo "NOT CHECKED for known vulnerabilities: the database at vuln.go.dev cannot be reached from here"; \
	else echo "$$out"; exit $$rc; fi

# Tests in which several do something at once; with cgo, which the detector wants.
RACETIME ?= 4m
RACES ?= Together|Concurr|Once|Twice|Submit|Clock|Jumps|Board|Again|Limit|Session|Work|Queue|Background|Reminder
race: ## the race detector over the packages in which several do something at once (cgo and a C compiler)
	@command -v gcc >/dev/null || { echo "NOT RUN: the race detector wants a C compiler"; exit 0; }; \
	CGO_ENABLED=1 timeout $(RACETIME) $(GO) test -race -count=1 -short -run '$(RACES)' ./jobs ./desk ./desk/access ./notify ./api ./store ./ui/person; rc=$$?; \
	test $$rc -ne 124 || { echo "NOT FINISHED: the race detector was stopped after $(RACETIME); make race RACETIME=1h goes on"; exit 0; }; exit $$rc

generate: ## write again what is generated from the source
	$(GO) generate ./...

clean: ## remove what was built
	rm -rf bin $(OUT)
