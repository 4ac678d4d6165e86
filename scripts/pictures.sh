#!/bin/sh
# Draws the pictures in docs/images, or the one named $1: runs the program against
# the emulator in a tmux window and draws the screen as SVG, for light and for
# dark pages.
set -eu
cd "$(dirname "$0")/.."
for name in tmux python3; do
	command -v "$name" >/dev/null 2>&1 || { echo "the pictures need $name" >&2; exit 1; }
done
only=${1:-}
work=$(mktemp -d)
socket="$work/none"
trap 'tmux -S "$socket" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/demo" ./cmd/o365aws-demo

selected() { [ -z "$only" ] || [ "$only" = "$1" ]; }

# open NAME COLUMNS LINES COMMAND runs a command in a window.
open() {
	name=$1 columns=$2 socket="$work/tmux-$1" # a server that has just ended does not start again at once
	tmux -S "$socket" -f /dev/null new-session -d -x "$2" -y "$3" "$4; sleep 100"
}

# see waits until the screen matches a pattern.
see() {
	tries=0
	until tmux -S "$socket" capture-pane -p | grep -q -e "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 900 ] || { echo "no $1 on the screen:" >&2; tmux -S "$socket" capture-pane -p >&2; cat "$work/log" >&2; exit 1; }
		sleep 0.1
	done
}

# type_in sends text; enter sends the Enter key.
type_in() { tmux -S "$socket" send-keys -l "$1"; }
enter() { tmux -S "$socket" send-keys Enter; }

# draw draws the screen. With a pattern, it draws the part from there to the next
# prompt; with a second pattern, it omits the lines between the first line and
# the second pattern.
draw() {
	tmux -S "$socket" capture-pane -e -J -p | awk -v from="${1:-}" -v on="${2:-}" '
		from == "" { print; next }
		!seen && $0 ~ from { seen = 1; print; skip = on != ""; if (skip) print "..."; next }
		seen && /^\$ / { exit }
		skip && $0 ~ on { skip = 0 }
		seen && !skip' >"$work/screen"
	python3 scripts/screen-to-svg.py "$columns" "docs/images/$name" <"$work/screen"
}

# type_slowly sends text one key at a time, for recordings.
type_slowly() {
	text=$1
	while [ -n "$text" ]; do
		rest=${text#?}
		type_in "${text%"$rest"}"
		text=$rest
		sleep 0.05
	done
}

# record saves a screen ten times a second until draw_recording draws them as an
# animation.
record() {
	mkdir "$work/frames"
	while [ -d "$work/frames" ]; do
		tmux -S "$socket" capture-pane -e -J -p >"$work/frame" 2>/dev/null || break
		mv "$work/frame" "$work/frames/$(date +%s%3N)" 2>/dev/null || break
		sleep 0.1
	done &
}

draw_recording() {
	sleep 1
	mv "$work/frames" "$work/recorded"
	wait
	python3 scripts/screen-to-svg.py "$columns" "docs/images/$name" "$work/recorded"
	rm -r "$work/recorded"
}

close() { tmux -S "$socket" kill-server; }

# shell NAME COLUMNS LINES OPTIONS SETUP opens a shell with the emulator.
shell() {
	cat >"$work/setup" <<-SETUP
		export O365AWS_STORE=file O365AWS_STORE_PASSPHRASE=only-for-pictures LANG=C.UTF-8 PS1='$ '
		export O365AWS_PASSWORD=correct-horse
		{ :; $5
		} >"$work/log" 2>&1
		unset O365AWS_PASSWORD
		clear
	SETUP
	open "$1" "$2" "$3" "$work/demo try $4 bash --noprofile --rcfile $work/setup"
	see '^\$ *$'
}

person="--email linus@contoso.example --no-input"

for picture in sign-in-terminal sign-in slow-sign-in; do
	selected "$picture" || continue
	options=
	if [ "$picture" = slow-sign-in ]; then options="-latency 1500ms"; fi
	shell "$picture" 92 24 "$options" "o365aws configure --email ada@contoso.example --no-input --no-sign-in"
	if [ "$picture" != sign-in-terminal ]; then record; fi
	type_slowly 'o365aws login'; enter
	see 'Password for'
	type_in correct-horse; enter
	see 'type to filter'
	sleep 1
	type_slowly '1111 reader'
	see ': 1111 reader'
	enter
	see 'until'
	if [ "$picture" = sign-in-terminal ]; then draw; else draw_recording; fi
	close
done
if selected configure; then
	shell configure 92 26 "" ""
	record
	type_slowly 'o365aws configure'; enter
	see 'E-mail address'
	type_slowly ada@contoso.example; enter
	see 'Password for'
	type_in correct-horse; enter
	see '\[y/N\]'
	sleep 2
	type_slowly y; enter
	see 'type to filter'
	type_slowly '1111 reader'; enter
	see 'AWS region'
	type_slowly eu-central-1; enter
	see '^Next:'
	see '^\$ *$'
	type_slowly 'aws sts get-caller-identity --query Arn'; enter
	see '^"arn:'
	draw_recording
	close
fi
for picture in picker picker-250; do
	selected "$picture" || continue
	shell "$picture" 92 16 "-scenario many-roles" "o365aws configure $person --no-sign-in
printf '{\"100000003333\": \"data-lake\", \"100000033330\": \"data-science\"}' >~/.aws/o365aws/accounts.json"
	if [ "$picture" = picker-250 ]; then record; fi
	type_slowly 'o365aws login'; enter
	see 'Password for'
	type_in correct-horse; enter
	see 'type to filter'
	sleep 1
	type_slowly 'engin'
	see ': engin'
	if [ "$picture" = picker ]; then draw; close; continue; fi
	sleep 1
	for key in Down Down BSpace BSpace BSpace BSpace BSpace; do tmux -S "$socket" send-keys "$key"; sleep 0.4; done
	type_slowly 'lake rdr'
	sleep 1
	enter
	see 'until'
	draw_recording
	close
done
if selected status || selected status-60 || selected status-80 || selected status-160; then
	shell status 160 10 "" "o365aws configure $person --no-sign-in
o365aws roles --lookup
o365aws configure $person --all-roles
o365aws login -p 111122223333-azure.reader
o365aws login -p 444455556666-azure.admin --duration 15m"
	for columns in 160 108 80 60; do
		tmux -S "$socket" resize-window -x "$columns"
		type_in clear; enter
		while tmux -S "$socket" capture-pane -p | grep -q '^Session: '; do sleep 0.1; done
		type_in 'o365aws status'; enter
		see '^Session: '
		name=status-$columns
		if [ "$columns" = 108 ]; then name=status; fi
		draw
	done
	close
fi
if selected use; then
	shell use 92 16 "" "o365aws configure $person --no-sign-in
o365aws roles --lookup
o365aws configure $person --all-roles --name-template '{alias}-{role}'"
	record
	type_slowly 'eval "$(o365aws shell bash --prompt)"'; enter
	see '^\$ *$'
	type_slowly 'o365aws use'; enter
	see 'type to filter'
	type_slowly 'prod reader'
	sleep 1
	enter
	see '^\[contoso-prod-azure.reader\] \$ *$'
	type_slowly 'aws sts get-caller-identity --query Arn'; enter
	see '^"arn:'
	see 'azure.reader\] \$ *$'
	type_slowly 'o365aws use --unset'; enter
	see '^\$ *$'
	draw_recording
	close
fi
if selected doctor; then
	shell doctor 108 30 "" "o365aws configure $person --role 111122223333/azure.reader
printf '[profile old]\nazure_tenant_id = contoso.example\nazure_default_usrname = ada@contoso.example\n' >>~/.aws/config
printf '[default]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = x\n' >~/.aws/credentials"
	type_in 'o365aws doctor'; enter
	see 'warnings\.$'
	draw
	close
fi
if selected acceptance; then
	go build -o "$work/acceptance" ./cmd/o365aws-acceptance
	shell acceptance 108 60 "" "cd $work"
	type_in './acceptance -tenant contoso.example -user linus@contoso.example \'; enter
	type_in '  -role arn:aws:iam::111122223333:role/azure.reader -region eu-central-1 \'; enter
	type_in '  -only sign-in,whoami,renewal,aws-cli,concurrent,console,all-roles,wrong-password,logout'; enter
	see 'check sign-in .*\[y/N\]'
	type_in y; enter
	see 'Password for'
	type_in correct-horse; enter
	see 'check wrong-password .*\[y/N\]'
	type_in y; enter
	see '^Report written'
	draw
	close
fi
if selected admin-plan || selected admin-apply; then
	: >"$work/log"
	open admin-apply 100 200 "$work/demo admin"
	see 'waiting for Entra to import'
	draw '^\$ o365aws admin apply' 'Plan:'
	name=admin-plan
	draw '^\$ o365aws admin plan'
	close
fi
