# Powerlevel10k: in ~/.p10k.zsh, and o365aws in POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS.
function prompt_o365aws() {
	local text=$(o365aws status --prompt 2>/dev/null)
	[[ -n $text ]] && p10k segment -f yellow -t "${text//\%/%%}"
}
