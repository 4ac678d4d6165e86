#compdef o365aws
# Completion of o365aws for zsh.
_o365aws() {
	local line value
	local -a candidates
	while IFS= read -r line; do
		value="${${line%%$'\t'*}//:/\\:}"
		[[ $line == *$'\t'* ]] && value+=":${line#*$'\t'}"
		candidates+=("$value")
	done < <("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)
	if ((${#candidates})); then
		_describe -V o365aws candidates
	else
		_files
	fi
}
if [[ $funcstack[1] == _o365aws ]]; then
	_o365aws "$@"
else
	compdef _o365aws o365aws
fi
