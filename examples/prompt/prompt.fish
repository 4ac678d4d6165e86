# fish: in ~/.config/fish/functions/fish_right_prompt.fish.
function fish_right_prompt
    o365aws status --prompt 2>/dev/null
end
