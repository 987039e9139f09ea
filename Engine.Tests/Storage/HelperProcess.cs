using System.Diagnostics;
using System.Runtime.InteropServices;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>A running <see cref="HelperProgram"/>. Disposing kills it.</summary>
internal sealed class HelperProcess : IDisposable
{
    private readonly Process _process;

    private HelperProcess(Process process) => _process = process;

    public int Id => _process.Id;

    private static string Dotnet => Path.GetFullPath(
        Path.Combine(
            RuntimeEnvironment.GetRuntimeDirectory(),
            "..",
            "..",
            "..",
            OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>
    /// Starts a helper, optionally under other programs (as in "strace", "-f"), and waits until it listens.
    /// </summary>
    public static HelperProcess Start(params string[] under)
    {
        string[] command = [.. under, Dotnet, "exec", typeof(HelperProgram).Assembly.Location];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[HelperProgram.Variable] = "1";
        var helper = new HelperProcess(Process.Start(start)!);
        Assert.That(helper.ReadLine(), Is.EqualTo("ready"));
        return helper;
    }

    /// <summary>Runs a command and returns its answer.</summary>
    public string Ask(string command)
    {
        Send(command);
        return ReadLine();
    }

    /// <summary>Runs a command that must succeed.</summary>
    public string Do(string command)
    {
        string answer = Ask(command);
        Assert.That(answer, Does.Not.StartWith("!"), command);
        return answer;
    }

    /// <summary>Lets the process end in good order.</summary>
    public void End()
    {
        _process.StandardInput.Close();
        Assert.That(_process.WaitForExit(Patience.Limit), "the helper did not end");
    }

    /// <summary>
    /// Ends the process as a power user would: SIGKILL. Its locks may outlive it for a moment: whoever reads its line
    /// in /proc just then (the killing of another test's processes does) keeps its memory, the maps in it the open
    /// files, and these the locks. Wait for what depends on them.
    /// </summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        Assert.That(_process.WaitForExit(Patience.Limit), "the helper did not die");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    /// <summary>Runs a command that answers with many lines; read them with <see cref="ReadLine"/>.</summary>
    public void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>The next line that it wrote; "!gone" after its last one.</summary>
    public string ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.That(line.Wait(Patience.Limit), "the helper does not answer");
        return line.Result ?? "!gone";
    }
}
