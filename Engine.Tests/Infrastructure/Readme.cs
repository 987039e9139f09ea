namespace Engine.Tests.Infrastructure;

/// <summary>Programs in documents for users.</summary>
internal static class Readme
{
    /// <summary>The first block of C#: a whole program of top-level statements.</summary>
    public static string FirstProgram(string path)
    {
        const string Fence = "```";
        var markdown = File.ReadAllText(path).ReplaceLineEndings("\n");
        var start = markdown.IndexOf($"{Fence}csharp\n", StringComparison.Ordinal);
        Assert.That(start, Is.Not.Negative, $"{path} has a block of C#");
        start = markdown.IndexOf('\n', start) + 1;
        return markdown[start..markdown.IndexOf(Fence, start, StringComparison.Ordinal)];
    }
}
