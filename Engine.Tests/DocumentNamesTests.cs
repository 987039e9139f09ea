using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.Tests;

/// <summary>What the documents name is there, and is a member of what they say it is.</summary>
public partial class DocumentNamesTests
{
    /// <summary>
    /// Names of .NET, of tools and of formats: everything else that looks like a name of ours must be one.
    /// </summary>
    private static readonly HashSet<string> NamesOfOthers =
    [
        // Types of .NET
        "ArgumentException", "InvalidOperationException", "MemoryMarshal", "ObjectDisposedException", "Thread",
        "Unsafe",

        // LightningDB
        "BeginTransaction", "DuplicatesSort", "GetEntriesCount", "IntegerKey", "MDBValue", "MaxDatabases",
        "PutOptions",

        // Projects
        "Engine",
    ];

    private static readonly string[] Projects =
        ["Engine", "Engine.Tests", "Engine.PropertyTests", "extensions", "samples", "tools"];

    [Test]
    public void Names_AreThoseOfTheSources()
    {
        var sources = Projects.SelectMany(RepositoryFiles.CodePaths)
            .Select(static path => (
                Type: Path.GetFileName(path).Split('.')[0],
                Text: File.ReadAllText(Path.Combine(RepositoryFiles.Root, path))))
            .ToList();
        var filesOfTypes = sources.ToLookup(static source => source.Type, static source => source.Text);
        var names = sources.SelectMany(static source => Word().Matches(Comment().Replace(source.Text, string.Empty)))
            .Select(static match => match.Value)
            .Concat(filesOfTypes.Select(static type => type.Key))
            .ToHashSet();
        var found = 0;
        var dead = new List<string>();
        foreach (var document in RepositoryFiles.Documents().Where(static path => path != "CHANGELOG.md"))
        {
            var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, document));
            foreach (Match match in Name().Matches(Block().Replace(text, string.Empty)))
            {
                found++;
                var type = match.Groups["type"].Value;
                var member = match.Groups["member"].Value;
                if (NamesOfOthers.Contains(type.Length > 0 ? type : member))
                {
                    continue;
                }

                if (!IsAmong(type.Length > 0 ? MembersOf(type, filesOfTypes) ?? [] : names, member))
                {
                    dead.Add($"{document}: {match.Value}");
                }
            }
        }

        Assert.That(dead.Distinct(), Is.Empty, $"the sources have no {string.Join(", ", dead)}");
        Assert.That(found, Is.GreaterThan(200));
    }

    /// <summary>
    /// Whether there is such a name; one that is cut off stands for all that begin so, with the pieces in it.
    /// </summary>
    private static bool IsAmong(HashSet<string> names, string name) => name.Contains('…', StringComparison.Ordinal)
        ? names.Any(new Regex($"^{name.Replace("…", ".*", StringComparison.Ordinal)}$").IsMatch)
        : names.Contains(name);

    /// <summary>
    /// The members of a type that has files of its own, its parameters among them; null if there is none.
    /// </summary>
    private static HashSet<string>? MembersOf(string type, ILookup<string, string> filesOfTypes)
    {
        var declarations = filesOfTypes[type]
            .SelectMany(static text => CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes())
            .OfType<BaseTypeDeclarationSyntax>()
            .Where(declaration => declaration.Identifier.Text == type)
            .ToList();
        if (declarations.Count == 0)
        {
            return null;
        }

        var members = declarations.SelectMany(static declaration => declaration.ChildNodes())
            .OfType<MemberDeclarationSyntax>()
            .SelectMany(NamesOf);
        var parameters = declarations.OfType<TypeDeclarationSyntax>()
            .SelectMany(static declaration => declaration.ParameterList?.Parameters ?? [])
            .Select(static parameter => parameter.Identifier.Text);
        return [.. members, .. parameters];
    }

    private static IEnumerable<string> NamesOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => [type.Identifier.Text],
        MethodDeclarationSyntax method => [method.Identifier.Text],
        PropertyDeclarationSyntax property => [property.Identifier.Text],
        BaseFieldDeclarationSyntax field => field.Declaration.Variables.Select(static v => v.Identifier.Text),
        EnumMemberDeclarationSyntax value => [value.Identifier.Text],
        DelegateDeclarationSyntax type => [type.Identifier.Text],
        _ => [],
    };

    // `Type`, `Type.Member` or `Member()`, with folders before them or without.
    [GeneratedRegex(
        @"`(\w+/)*((?<type>[A-Z]\w*)\.)?(?<member>[A-Z]\w*[a-z][\w…]*)(\(\))?`", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
