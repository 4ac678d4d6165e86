#!/bin/sh
# Makes the pictures of docs/images, or the one named $1: runs the real program
# against the emulator in a tmux window of its own, and draws what stands on the
# screen as SVG, for light and for dark pages.
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

wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

# open NAME COLUMNS LINES COMMAND runs a command in a window.
open() {
	name=$1 columns=$2 socket="$work/tmux-$1" # a server that has just ended does not start again at once
	tmux -S "$socket" -f /dev/null new-session -d -x "$2" -y "$3" "$4; sleep 100"
}

# see waits until the screen shows a pattern.
see() {
	tries=0
	until tmux -S "$socket" capture-pane -p | grep -q -e "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 900 ] || { echo "no $1 on the screen:" >&2; tmux -S "$socket" capture-pane -p >&2; cat "$work/log" >&2; exit 1; }
		sleep 0.1
	done
}

# type_in sends keys as they are, enter the key of that name.
type_in() { tmux -S "$socket" send-keys -l "$1"; }
enter() { tmux -S "$socket" send-keys Enter; }

# draw keeps the picture of the screen. With a pattern it is that of the part
# from there to the next prompt; with another one, what stands between the
# first line and that is left out.
draw() {
	tmux -S "$socket" capture-pane -e -J -p | awk -v from="${1:-}" -v on="${2:-}" '
		/^\(the demo enters/ { next }
		from == "" { print; next }
		!seen && $0 ~ from { seen = 1; print; skip = on != ""; if (skip) print "..."; next }
		seen && /^\$ / { exit }
		skip && $0 ~ on { skip = 0 }
		seen && !skip' >"$work/screen"
	python3 scripts/screen-to-svg.py "$columns" "docs/images/$name" <"$work/screen"
}

close() { tmux -S "$socket" kill-server; }

# shell NAME COLUMNS LINES SCENARIO SETUP opens a shell at the emulator.
shell() {
	cat >"$work/setup" <<-SETUP
		export O365AWS_STORE=file O365AWS_STORE_PASSPHRASE=only-for-pictures LANG=C.UTF-8 PS1='$ '
		{ $5
		} >"$work/log" 2>&1
		clear
	SETUP
	open "$1" "$2" "$3" "$work/demo try $4 -- bash --noprofile --rcfile $work/setup"
	see '^\$ *$'
}

person="--email linus@contoso.example --no-input"

if wanted sign-in-terminal; then
	shell sign-in-terminal 92 24 push-waits "o365aws configure --email ada@contoso.example --no-input --no-sign-in
printf %s \"\$O365AWS_PASSWORD\" >$work/password; unset O365AWS_PASSWORD"
	type_in 'o365aws login'; enter
	see 'Password of'
	type_in "$(cat "$work/password")"; enter
	see 'type to filter'
	type_in '1111 reader'
	see 'filter): 1111 reader'
	enter
	see 'until'
	draw
	close
fi
if wanted picker; then
	shell picker 92 16 many-roles "o365aws configure $person --no-sign-in
printf '{\"100000003333\": \"data-lake\", \"100000033330\": \"data-science\"}' >~/.aws/o365aws/accounts.json"
	type_in 'o365aws login'; enter
	see 'type to filter'
	type_in 'engin'
	see 'filter): engin'
	draw
	close
fi
if wanted status; then
	shell status 108 10 "''" "o365aws configure $person --no-sign-in
o365aws roles --lookup
o365aws configure $person --all-roles --name-template '{alias}-{role}'
o365aws login -p contoso-prod-azure.reader
o365aws login -p 444455556666-azure.admin --duration 15m"
	type_in 'o365aws status'; enter
	see 'session of linus'
	draw
	close
fi
if wanted doctor; then
	shell doctor 108 30 "''" "o365aws configure $person --role 111122223333/azure.reader
printf '[profile old]\nazure_tenant_id = contoso.example\nazure_default_usrname = ada@contoso.example\n' >>~/.aws/config
printf '[default]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = x\n' >~/.aws/credentials"
	type_in 'o365aws doctor'; enter
	see 'warnings\.$'
	draw
	close
fi
if wanted admin-plan || wanted admin-apply; then
	: >"$work/log"
	open admin-apply 100 200 "$work/demo admin"
	see 'waiting for Entra to import'
	draw '^\$ o365aws admin apply' 'Steps:'
	name=admin-plan
	draw '^\$ o365aws admin plan'
	close
fi
