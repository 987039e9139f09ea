using Engine.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Engine.Tests;

/// <summary>Code fits beside its diff.</summary>
public class CodeWidthTests
{
    private const int Width = 120;

    private static readonly string[] Projects =
        ["Engine", "Engine.Tests", "Engine.PropertyTests", "extensions", "samples", "tools"];

    [TestCaseSource(nameof(Projects))]
    public void Code_IsBroken(string project)
    {
        var files = 0;
        var tooLong = new List<string>();
        foreach (var path in RepositoryFiles.CodePaths(project))
        {
            files++;
            tooLong.AddRange(LongLines(path));
        }

        Assert.That(tooLong, Is.Empty, $"break code at {Width} columns");
        Assert.That(files, Is.GreaterThan(5));
    }

    private static IEnumerable<string> LongLines(string path)
    {
        var text = SourceText.From(File.ReadAllText(Path.Combine(RepositoryFiles.Root, path)));
        var wide = text.Lines.Where(static line => line.End - line.Start > Width).ToList();
        if (wide.Count == 0)
        {
            return [];
        }

        // The lines of a string of several lines are what it says.
        var root = CSharpSyntaxTree.ParseText(text).GetRoot();
        return wide.Where(line => !IsWithinText(root.FindToken(line.End - 1)))
            .Select(line => $"{path}:{line.LineNumber + 1} has {line.End - line.Start} characters");
    }

    private static bool IsWithinText(SyntaxToken token) =>
        token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
        || token.IsKind(SyntaxKind.Utf8MultiLineRawStringLiteralToken)
        || token.Parent!.AncestorsAndSelf()
            .OfType<InterpolatedStringExpressionSyntax>()
            .Any(static text => text.StringStartToken.IsKind(SyntaxKind.InterpolatedMultiLineRawStringStartToken));
}
