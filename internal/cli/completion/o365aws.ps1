# Completion of o365aws for PowerShell.
Register-ArgumentCompleter -Native -CommandName o365aws, o365aws.exe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    $program = $words[0]
    $rest = @($words | Select-Object -Skip 1)
    if ($wordToComplete -eq '') { $rest = @('--new') + $rest }
    & $program __complete @rest 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        # PowerShell inserts the text unchanged, so that $(...) would run.
        $text = $value
        if ($value -notmatch '^[\w./:@=+,{}-]+$') { $text = "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
}
