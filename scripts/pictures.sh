#!/bin/sh
# Makes the pictures of docs/images: runs the real program against the double in
# a tmux window of its own, and draws what stands on the screen as SVG.
set -eu
cd "$(dirname "$0")/.."
for name in tmux python3; do
	command -v "$name" >/dev/null 2>&1 || { echo "the pictures need $name" >&2; exit 1; }
done
work=$(mktemp -d)
socket="$work/tmux"
trap 'tmux -S "$socket" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/demo" ./cmd/o365aws-demo

# shot NAME COLUMNS LINES SCENARIO SETUP COMMAND WAIT-FOR [KEYS WAIT-FOR]
shot() {
	socket="$work/tmux-$1" # one that has just ended does not start again at once
	cat >"$work/setup" <<-SETUP
		export O365AWS_STORE=file O365AWS_STORE_PASSPHRASE=only-for-pictures LANG=C.UTF-8 PS1='$ '
		{ $5
		} >"$work/log" 2>&1
		clear
	SETUP
	tmux -S "$socket" -f /dev/null new-session -d -x "$2" -y "$3" "$work/demo try $4 -- bash --noprofile --rcfile $work/setup; sleep 100"
	wait_for '^\$ *$'
	tmux -S "$socket" send-keys -l "$6"
	tmux -S "$socket" send-keys Enter
	wait_for "$7"
	if [ $# -gt 7 ]; then
		tmux -S "$socket" send-keys -l "$8"
		wait_for "$9"
	fi
	tmux -S "$socket" capture-pane -e -p | python3 scripts/screen-to-svg.py "$2" >"docs/images/$1.svg"
	tmux -S "$socket" kill-server
}

wait_for() {
	tries=0
	until tmux -S "$socket" capture-pane -p | grep -q -e "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 900 ] || { echo "no $1 on the screen:" >&2; tmux -S "$socket" capture-pane -p >&2; cat "$work/log" >&2; exit 1; }
		sleep 0.1
	done
}

person="--email linus@contoso.example --no-input"
shot picker 84 16 many-roles "o365aws configure $person --no-sign-in; printf '{\"100000003333\": \"data-lake\", \"100000033330\": \"data-science\"}' >~/.aws/o365aws/accounts.json" \
	'o365aws login' 'type to filter' 'engin' 'filter): engin'
shot status 108 10 "''" "o365aws configure $person --no-sign-in
o365aws roles --lookup
o365aws configure $person --all-roles --name-template '{alias}-{role}'
o365aws login -p contoso-prod-azure.reader
o365aws login -p 444455556666-azure.admin --duration 15m" \
	'o365aws status' 'session of linus'
shot doctor 108 30 "''" "o365aws configure $person --role 111122223333/azure.reader
printf '[profile old]\nazure_tenant_id = contoso.example\nazure_default_usrname = ada@contoso.example\n' >>~/.aws/config
printf '[default]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = x\n' >~/.aws/credentials" \
	'o365aws doctor' 'warnings\.$'
