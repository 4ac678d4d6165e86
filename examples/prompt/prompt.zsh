# zsh: in ~/.zshrc. The profile, the role and the remaining time on the right.
setopt prompt_subst
RPROMPT='${$(o365aws status --prompt 2>/dev/null)//[%]/%%}'
