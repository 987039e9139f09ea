using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Campaign;

/// <summary>A program that failed, as a file that the tests replay for ever.</summary>
internal static class Fixture
{
    /// <summary>Writes a fixture and returns its path. An equal one of an earlier run is replaced.</summary>
    /// <param name="folder">Created if it does not exist.</param>
    /// <param name="isSweep">Whether the crash sweep failed, not the program runner.</param>
    /// <param name="program">The program, shrunk.</param>
    /// <param name="problem">What did not hold.</param>
    public static string Save(string folder, bool isSweep, OperationProgram program, string problem)
    {
        Directory.CreateDirectory(folder);
        var line = program.ToString();
        var name = Checking.ImageChecksums.XxHash64(System.Text.Encoding.UTF8.GetBytes(line));
        var path = Path.Combine(folder, $"found-{name:x16}.{(isSweep ? "sweep" : "program")}.txt");
        var comment = problem.Split('\n')[0].Trim();
        File.WriteAllText(path, $"# {comment}\n{line}\n");
        return path;
    }
}
