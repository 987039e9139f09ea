using System.Diagnostics;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>The scripts of <c>engine completion</c>, each run by the shell that it is for.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class CompletionScriptTests : CliFixture
{
    /// <summary>Words behind the tool's name, and what the last of them becomes.</summary>
    private static readonly (string[] Words, string Expected)[] Lines =
    [
        (["resto"], "restore"),
        (["load", "x.db", "x.tsv", "--form"], "--format"),
        (["load", "x.db", "x.tsv", "--format", ""], "escaped jsonl mdb tsv"),
        (["snapshot", "ro"], "rollback"),
        (["get", "x"], "x file.db"),
    ];

    [SetUp]
    public void PutTheToolIntoTheFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("the tool is started through a script of sh");
            return;
        }

        var tool = Write("engine", $"#!/bin/sh\nexec '{ToolProcess.Host}' exec '{ToolProcess.Assembly}' \"$@\"\n");
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write("x file.db", "");
    }

    [Test]
    public void Bash_Completes() => Check(Shell("bash", Write("test.sh", $$"""
        eval "$(engine completion bash)"
        complete -p engine | grep -q -- '-o default' || echo no files
        try() {
            COMP_WORDS=(engine "$@") COMP_CWORD=$# COMPREPLY=()
            _engine engine "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=("$(compgen -o default -- "${COMP_WORDS[COMP_CWORD]}")")
            echo "${COMPREPLY[*]}"
        }
        {{string.Join('\n', Lines.Select(static line => $"try {Quoted(line.Words, " ")}"))}}
        """)));

    [Test]
    public void Zsh_Completes() => Check(Shell("zsh", "-f", Write("test.zsh", $$"""
        # What the completion system would be asked for, without a terminal.
        compdef() { [[ "$*" == '_engine engine' ]] || echo "compdef $*" }
        _describe() { print -r -- "${(@)${(P@)2}%%:*}" }
        _files() { print -r -- x* }
        eval "$(engine completion zsh)"
        try() { words=(engine "$@") CURRENT=${#words}; _engine }
        {{string.Join('\n', Lines.Select(static line => $"try {Quoted(line.Words, " ")}"))}}
        """)));

    [Test]
    public void PowerShell_Completes() => Check(Shell(
        ToolProcess.Host, "tool", "run", "pwsh", "--", "-NoProfile", "-File", Write("test.ps1", $$"""
        Set-Location $PSScriptRoot
        engine completion powershell | Out-String | Invoke-Expression
        foreach ($line in @({{Quoted(Lines.Select(static line => "engine " + string.Join(' ', line.Words)), ", ")}})) {
            $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches
            ($found | ForEach-Object { $_.ListItemText }) -join ' '
        }
        """)));

    private static void Check(string output) => Assert.That(
        output.TrimEnd('\n').Split('\n'), Is.EqualTo(Lines.Select(static line => line.Expected)));

    private static string Quoted(IEnumerable<string> words, string separator) =>
        string.Join(separator, words.Select(static word => $"'{word}'"));

    /// <summary>Runs a shell that finds the tool; the test is skipped where there is no such shell.</summary>
    private string Shell(string program, params string[] arguments)
    {
        // Tools of the repository are found from within it.
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = program == ToolProcess.Host ? RepositoryFiles.Root : Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        try
        {
            using var shell = Process.Start(start)!;
            var error = shell.StandardError.ReadToEndAsync();
            var output = shell.StandardOutput.ReadToEnd();
            shell.WaitForExit();
            if (error.Result.Contains("dotnet tool restore", StringComparison.Ordinal))
            {
                Assert.Ignore("PowerShell is not here: run dotnet tool restore");
            }

            Assert.That(error.Result, Is.Empty);
            return output.ReplaceLineEndings("\n");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore($"there is no {program} here");
            return "";
        }
    }
}
