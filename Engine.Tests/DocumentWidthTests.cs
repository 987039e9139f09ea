using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;

namespace Engine.Tests;

/// <summary>Prose is wrapped, so that a change of it is seen in a diff, and read beside code.</summary>
public partial class DocumentWidthTests
{
    private const int Width = 100;

    [TestCaseSource(typeof(RepositoryFiles), nameof(RepositoryFiles.Documents))]
    public void Prose_IsWrapped(string document)
    {
        var isCode = false;
        var tooLong = new List<string>();
        var number = 0;
        foreach (var line in File.ReadLines(Path.Combine(RepositoryFiles.Root, document)))
        {
            number++;
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode && line.Length > Width && Prose().IsMatch(line) && line.TrimEnd().Contains(' '))
            {
                tooLong.Add($"{document}:{number} has {line.Length} characters");
            }
        }

        Assert.That(tooLong, Is.Empty, $"wrap prose at {Width} columns");
        Assert.That(number, Is.GreaterThan(10));
    }

    // Tables, headings, HTML and images are as wide as they must be; so is what cannot be broken.
    [GeneratedRegex(@"^(?![|#<!]).*\S\s+\S")]
    private static partial Regex Prose();
}
