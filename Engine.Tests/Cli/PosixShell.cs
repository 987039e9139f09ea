using System.Diagnostics;
using System.Text;

namespace Engine.Tests.Cli;

/// <summary>Runs scripts with <c>sh</c>, in which <c>engine</c> is the built tool.</summary>
internal static class PosixShell
{
    /// <summary>Runs a script; output and errors come as one text, in the order in which they were written.</summary>
    public static string Run(string script, string folder)
    {
        var start = new ProcessStartInfo("sh")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($$"""
            exec 2>&1
            engine() { '{{ToolProcess.Host}}' exec '{{ToolProcess.Assembly}}' "$@"; }
            {{script}}
            """);
        using Process shell = Process.Start(start)!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }
}
