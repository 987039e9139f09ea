using System.Diagnostics;

namespace Engine.Tests.Bench;

/// <summary>Runs the benchmark tool as a process, as a user would.</summary>
internal static class BenchProgram
{
    public static (int ExitCode, string Output, string Errors) Run(params string[] arguments) =>
        RunWith([], arguments);

    /// <param name="environment">Variables of its environment that differ from those of this process.</param>
    /// <param name="arguments">What it is called with.</param>
    public static (int ExitCode, string Output, string Errors) RunWith(
        Dictionary<string, string> environment, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Engine.Bench.dll");
        ProcessStartInfo start = new("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
