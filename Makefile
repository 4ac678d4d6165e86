.PHONY: browser shells test

browser:
	@scripts/ensure-browser.sh

shells:
	@scripts/ensure-shells.sh

test: browser shells
	go test -race ./...
