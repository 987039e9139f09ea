using System.Diagnostics;
using Engine.Tests.Cli;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Samples;

/// <summary>A sample as a process of its own, for what only a process has: that it can be killed.</summary>
internal sealed class SampleProcess : IDisposable
{
    private readonly Process _process;

    private SampleProcess(Process process) => _process = process;

    /// <summary>Starts a sample, which the project reference has put beside the tests.</summary>
    public static SampleProcess Start(Type ofSample, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo(ToolProcess.Host, ["exec", ofSample.Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
        })!);

    /// <summary>The next line that it wrote; null after its last one.</summary>
    public string? ReadLine()
    {
        var line = _process.StandardOutput.ReadLineAsync();
        Assert.That(line.Wait(Patience.Limit), "the sample does not answer");
        return line.Result;
    }

    /// <summary>Ends it at once; what it wrote before can be read.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        Assert.That(_process.WaitForExit(Patience.Limit), "the sample did not die");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
