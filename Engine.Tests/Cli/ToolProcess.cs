using System.Diagnostics;
using System.Text;

namespace Engine.Tests.Cli;

/// <summary>The tool as a process of its own, for what only a process has: exit codes, pipes and signals.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _error;

    private ToolProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The built tool; the project reference puts it beside the tests.</summary>
    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "engine-cli.dll");

    /// <summary>The program that runs it.</summary>
    public static string Host =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    public StreamReader Output => _process.StandardOutput;

    public int Id => _process.Id;

    public static ToolProcess Start(params string[] arguments)
    {
        string[] commandLine =
        [
            .. InterruptsAreIgnored() ? new[] { "env", "--default-signal=INT" } : [],
            Host,
            "exec",
            Assembly,
            .. arguments
        ];
        var start = new ProcessStartInfo(commandLine[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string argument in commandLine[1..])
            start.ArgumentList.Add(argument);
        return new ToolProcess(start);
    }

    /// <summary>Runs it to its end, without input.</summary>
    public static CliResult Run(params string[] arguments)
    {
        using ToolProcess tool = Start(arguments);
        tool._process.StandardInput.Close();
        return tool.ReadToEnd();
    }

    public void Send(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    /// <summary>Sends bytes; the input stays open.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        _process.StandardInput.BaseStream.Write(bytes);
        _process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Sends one line and waits for one line of reply.</summary>
    public string Ask(string line)
    {
        Send(line);
        Task<string?> reply = Output.ReadLineAsync();
        Assert.That(reply.Wait(Patience), Is.True, $"no reply to '{line}'");
        return reply.Result
            ?? throw new EndOfStreamException($"the tool ended instead of replying to '{line}': {_error.Result}");
    }

    public void CloseInput() => _process.StandardInput.Close();

    public CliResult ReadToEnd()
    {
        Task<string> output = Output.ReadToEndAsync();
        int exitCode = WaitForExit();
        return new CliResult(exitCode, Encoding.UTF8.GetBytes(output.Result), _error.Result);
    }

    public int WaitForExit()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill();
            Assert.Fail("the tool did not end");
        }

        return _process.ExitCode;
    }

    public string Error => _error.Result;

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, Id.ToString()]);
        kill.WaitForExit();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    /// <summary>
    /// A shell that runs the tests in the background makes them, and whatever they start, deaf to Ctrl-C.
    /// </summary>
    private static bool InterruptsAreIgnored()
    {
        const ulong Interrupt = 1UL << (2 - 1);
        const string Field = "SigIgn:";
        if (!OperatingSystem.IsLinux())
            return false;
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(
            line => line.StartsWith(Field, StringComparison.Ordinal));
        return line is not null && (Convert.ToUInt64(line[Field.Length..].Trim(), 16) & Interrupt) != 0;
    }
}
