__o365aws_prompt() { [ -z "${AWS_PROFILE:-${O365AWS_PROFILE-}}" ] || printf '[%s] ' "${AWS_PROFILE:-$O365AWS_PROFILE}"; }
[[ $PS1 == *__o365aws_prompt* ]] || PS1='$(__o365aws_prompt)'$PS1
