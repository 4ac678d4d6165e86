function global:o365aws {
    $program = (Get-Command -Name o365aws -CommandType Application | Select-Object -First 1).Source
    if ($args.Count -eq 0 -or $args[0] -ne 'use' -or $args -contains '--help' -or $args -contains '-h') {
        & $program @args
        return
    }
    $code = & $program @args --shell powershell | Out-String
    if ($LASTEXITCODE -eq 0) { Invoke-Expression $code }
}
