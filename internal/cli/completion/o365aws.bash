# Completion of o365aws for bash.
_o365aws() {
	local line="${COMP_LINE:0:COMP_POINT}" broken="${COMP_WORDS[COMP_CWORD]}" keep candidate
	local -a words
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	# readline inserts only the text after the last character in COMP_WORDBREAKS.
	keep="${words[${#words[@]} - 1]}"
	[[ $broken == [@=:] ]] || keep="${keep%"$broken"}"
	COMPREPLY=()
	while IFS= read -r candidate; do
		candidate="${candidate%%$'\t'*}"
		candidate="${candidate#"$keep"}"
		# readline inserts the text unchanged, so that $(...) would run.
		[[ -z $candidate ]] || printf -v candidate %q "$candidate"
		COMPREPLY+=("$candidate")
	done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -o bashdefault -F _o365aws o365aws
