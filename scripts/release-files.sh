#!/bin/sh
# Writes what a release holds besides the program, made by the program itself:
# completions and man pages, into bin/release.
set -eu
cd "$(dirname "$0")/.."
out=bin/release
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"
go build -o "$out/o365aws" ./cmd/o365aws
for shell in bash zsh fish powershell; do
	"$out/o365aws" completion "$shell" >"$out/completions/o365aws.$shell"
done
"$out/o365aws" man --dir "$out/man"
rm "$out/o365aws"
gzip -9n "$out"/man/*
