# Completes "engine" in PowerShell 7.3 and later: engine completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName engine -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    $program, $words = $words
    $words = @($words)
    if ($wordToComplete -eq '') {
        $words += ''
    }

    # Where there are no candidates, files are offered.
    & $program complete '--' @words 2>$null | ForEach-Object {
        $name, $description = $_ -split "`t", 2
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $description)
    }
}
