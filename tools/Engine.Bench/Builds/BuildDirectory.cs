namespace Engine.Bench.Builds;

/// <summary>
/// A copy of this program with the engine of some build: so both builds are run by the same code, in processes that
/// differ in nothing else.
/// </summary>
internal static class BuildDirectory
{
    private const string EngineFile = "Engine.dll";

    /// <summary>The engine's file in the directory of a build.</summary>
    /// <exception cref="BenchException">There is none.</exception>
    public static string EngineIn(string directory)
    {
        string file = Path.GetFullPath(Path.Combine(directory, EngineFile));
        return File.Exists(file)
            ? file
            : throw new BenchException(
                $"--baseline-build takes a directory with the {EngineFile} of another build; {directory} has none. In "
                + "a worktree of that commit: dotnet build Engine/Engine.csproj -c Release -o DIR.");
    }

    /// <param name="engine">The engine's file.</param>
    /// <param name="target">A directory to make.</param>
    public static void Create(string engine, string target)
    {
        Directory.CreateDirectory(target);
        string source = AppContext.BaseDirectory;
        foreach (string file in Directory.EnumerateFiles(source, "*.dll")
            .Append(Path.Combine(source, "Engine.Bench.runtimeconfig.json")))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        // Without a list of dependencies the runtime takes what lies beside the program.
        File.Copy(engine, Path.Combine(target, EngineFile), overwrite: true);
    }
}
