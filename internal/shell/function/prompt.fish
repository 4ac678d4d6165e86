if not functions -q __o365aws_fish_prompt
    functions -q fish_prompt; and functions -c fish_prompt __o365aws_fish_prompt
    function fish_prompt
        set -l name $AWS_PROFILE $O365AWS_PROFILE
        set -q name[1]; and printf '[%s] ' $name[1]
        functions -q __o365aws_fish_prompt; and __o365aws_fish_prompt
    end
end
