.PHONY: acceptance mutants help build demo try demo-admin test test-short bench measure fuzz soak lint style format snapshot reproducible coverage pictures docs needs browser moto

.NOTPARALLEL: # two scripts of needs would wait for apt-get's lock

tool := go tool -modfile=tools/go.mod

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

build: ## bin/o365aws
	go build -trimpath -tags urfave_cli_no_docs -o bin/ ./cmd/o365aws

demo: browser ## a complete sign-in against an emulator on this machine
	@go run ./cmd/o365aws-demo

try: browser ## a shell for experiments against the emulator
	@go run ./cmd/o365aws-demo try

demo-admin: browser ## set up an empty tenant and an empty AWS account, then sign in
	@go run ./cmd/o365aws-demo admin

# With the race detector, a program sleeps for a second before it exits, to wait for
# running goroutines; the tests leave none. scrypt shares no memory and takes six times as
# long with the detector.
test: needs ## all tests, with the race detector
	GORACE="atexit_sleep_ms=0 $(GORACE)" go test -race -gcflags=golang.org/x/crypto/scrypt=-race=0 -timeout 60m ./...

test-short: ## the tests that need nothing but Go, and which others there are
	@scripts/test-short.sh

bench: needs ## benchmarks, as ratios; BENCH picks some, RUNS repeats them
	@go run ./cmd/o365aws-bench -runs $(or $(RUNS),0) $(BENCH)
	@go test ./internal/admin/engine ./internal/admin/aws -run '^$$' -bench Admin -benchtime 1x
	@go test ./internal/cli -run '^$$' -bench Process -benchtime 12x

measure: ## size figures: lines, files, functions, packages, names, binary
	@go run -C tools ./measure -root ..

fuzz: ## every fuzz target for FUZZTIME (30s)
	@scripts/fuzz.sh $(or $(FUZZTIME),30s) $(FUZZ)

acceptance: ## a checklist against your tenant and AWS account; ARGS="-tenant ... -user ..."
	@go run ./cmd/o365aws-acceptance $(ARGS)

mutants: needs ## remove each protection in turn: its tests must fail; ROW=9 for a row of docs/security.md
	@go test ./internal/repotest -run '^TestMutants$$' -mutants $(or $(ROW),all) -timeout 3h -v

soak: browser ## all operations at random for SOAKTIME (15m), then a leak report
	@go run ./cmd/o365aws-soak -for $(or $(SOAKTIME),15m)

coverage: needs ## test coverage by package; coverage.out has the lines
	@scripts/coverage.sh

lint: ## format, vet, static checks, dead code, known vulnerabilities
	@scripts/lint.sh

style: ## count words that the style guide replaces; STYLE=-list prints each
	@go run -C tools ./style -root .. $(STYLE)

format: ## format with gofumpt, which takes two runs
	@for go in 1 2; do $(tool) gofumpt -w cmd internal tools; done

snapshot: ## build a release in dist/; the first run builds goreleaser
	@scripts/snapshot.sh

reproducible: ## check that the same commit gives the same bytes as in dist/
	@scripts/reproducible.sh

pictures: browser ## draw the pictures in docs/images from real runs
	@scripts/pictures.sh

docs: ## regenerate documents from docs/templates and the code
	go test ./internal/repotest -run TestDocuments -update
	go test ./internal/cli -run TestScriptCommandsAreDocumented -update

# Installs everything that the tests need, or fails and names what is missing.
needs: browser moto
	@scripts/ensure-display.sh
	@scripts/ensure-cc.sh
	@scripts/ensure-shells.sh
	@scripts/ensure-keyring.sh
	@scripts/ensure-sshd.sh
	@scripts/ensure-awscli.sh
	@scripts/ensure-node-sdk.sh

moto:
	@scripts/ensure-moto.sh

browser:
	@scripts/ensure-browser.sh
