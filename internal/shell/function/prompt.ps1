if (-not (Test-Path Function:\__o365aws_prompt)) {
    Copy-Item Function:\prompt Function:\global:__o365aws_prompt
    function global:prompt {
        $name = if ($Env:AWS_PROFILE) { $Env:AWS_PROFILE } else { $Env:O365AWS_PROFILE }
        $(if ($name) { "[$name] " }) + (__o365aws_prompt)
    }
}
