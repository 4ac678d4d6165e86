.PHONY: browser test

browser:
	@scripts/ensure-browser.sh

test: browser
	go test -race ./...
