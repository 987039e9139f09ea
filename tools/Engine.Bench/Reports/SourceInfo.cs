using System.ComponentModel;
using System.Diagnostics;

namespace Engine.Bench.Reports;

/// <summary>Which sources were measured.</summary>
internal static class SourceInfo
{
    /// <summary>
    /// The commit of the repository that this program was built in, with "+changes" if its work tree is not clean.
    /// </summary>
    public static string Commit()
    {
        string? commit = Git("rev-parse", "--short=12", "HEAD");
        if (commit is null)
        {
            return "unknown";
        }

        return string.IsNullOrEmpty(Git("status", "--porcelain", "--untracked-files=no"))
            ? commit
            : commit + "+changes";
    }

    private static string? Git(params string[] arguments)
    {
        ProcessStartInfo start = new("git", ["-C", AppContext.BaseDirectory, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process? process = Process.Start(start);
            string? output = process?.StandardOutput.ReadToEnd().Trim();
            process?.WaitForExit();
            return process is { ExitCode: 0 } ? output : null;
        }
        catch (Win32Exception)
        {
            // No git on this machine.
            return null;
        }
    }
}
