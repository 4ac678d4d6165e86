setopt prompt_subst
__o365aws_prompt() {
	local name="${AWS_PROFILE:-${O365AWS_PROFILE-}}"
	[[ -z $name ]] || print -r -- "[${name//\%/%%}] "
}
[[ $PROMPT == *__o365aws_prompt* ]] || PROMPT='$(__o365aws_prompt)'$PROMPT
