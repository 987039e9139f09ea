using System.Diagnostics;
using System.Reflection;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

/// <summary>Runs the benchmark tool as a process, as a user would.</summary>
internal static class BenchProgram
{
    public static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        string program = Locate();
        ProcessStartInfo start = new("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    // The tool is built with the solution, not with this project.
    private static string Locate()
    {
        string configuration = typeof(BenchProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        string program = Path.Combine(
            RepositoryFiles.Root, "tools", "Engine.Bench", "bin", configuration, "net10.0", "Engine.Bench.dll");
        if (!File.Exists(program))
        {
            Assert.Ignore($"{program} is not built: build the solution first (dotnet build Engine.sln -c {configuration}).");
        }

        return program;
    }
}
