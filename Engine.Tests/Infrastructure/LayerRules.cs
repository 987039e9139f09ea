using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// The layers of the engine, which are its folders, and a search for what breaks them. The compiler says what a name
/// means, so a property that happens to be called like a type of a higher layer is no violation, and a member of such a
/// type reached through <c>var</c> is one.
/// </summary>
internal static class LayerRules
{
    /// <summary>Stands for the files directly in the engine's folder.</summary>
    public const string PublicFace = "(public face)";

    /// <summary>From low to high, each with the layers that its files may use, besides itself.</summary>
    private static readonly (string Layer, string[] Below)[] Layers =
    [
        ("Common", []),
        ("Storage", ["Common"]),
        ("Pages", ["Common", "Storage"]),
        ("Space", ["Common", "Storage", "Pages"]),
        ("Trees", ["Common", "Storage", "Pages", "Space"]),

        // What is told to those who listen: knows the database only as what it measures.
        ("Diagnostics", ["Common"]),
        ("Transactions", ["Common", "Storage", "Pages", "Space", "Trees", "Diagnostics"]),

        // Written apart from the writer, so that one bug cannot hide in both.
        ("Integrity", ["Common", "Storage", "Pages"]),
        ("Backups", ["Common", "Storage", "Pages", "Space", "Trees", "Transactions", "Integrity"]),
        ("Copies", ["Common", "Storage", "Pages", "Integrity"]),
        ("Sorting", ["Common"]),
        ("Codecs", ["Common"]),
        (
            PublicFace,
            [
                "Common", "Storage", "Pages", "Space", "Trees", "Transactions", "Integrity", "Backups", "Sorting",
                "Codecs", "Diagnostics", "Copies",
            ]),
    ];

    private static readonly string[] LayersWithPointers = ["Storage", "Pages"];

    /// <summary>The first folder of a path below the engine's folder.</summary>
    public static string LayerOf(string path) => path.IndexOf('/') is var slash and > 0 ? path[..slash] : PublicFace;

    public static bool IsKnown(string layer) => Layers.Any(known => known.Layer == layer);

    /// <summary>
    /// Names that a layer must not know, as "path(line): what". Sources that do not compile are reported as well,
    /// because what a name means there is not certain.
    /// </summary>
    public static IReadOnlyList<string> ForbiddenNames(
        IEnumerable<(string Path, string Text)> sources, params string[] preprocessorSymbols)
    {
        var compilation = CSharpCompiler.CompileEngine(sources, preprocessorSymbols);
        var found = new List<string>();

        // CS8795: the body of a partial method that a source generator writes; generators do not run here.
        found.AddRange(
            CSharpCompiler.Errors(compilation).Where(error => error.Id != "CS8795").Select(error => error.ToString()));

        foreach (var tree in compilation.SyntaxTrees)
        {
            var layer = LayerOf(tree.FilePath);
            var allowed = Layers.FirstOrDefault(known => known.Layer == layer).Below ?? [];
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var info = model.GetSymbolInfo(name);
                var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
                var owners = symbol is null ? [] : LayersOf(symbol);
                if (owners.Count > 0 && !owners.Any(owner => owner == layer || allowed.Contains(owner)))
                {
                    var line = name.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                    found.Add($"{tree.FilePath}({line}): '{name}' belongs to {string.Join(", ", owners)}");
                }
            }
        }

        return found;
    }

    /// <summary>Types whose parts lie in different layers, which would blur what belongs where.</summary>
    public static IReadOnlyList<string> TypesInSeveralLayers(IEnumerable<(string Path, string Text)> sources)
    {
        var compilation = CSharpCompiler.CompileEngine(sources);
        return compilation.GetSymbolsWithName(_ => true, SymbolFilter.Type)
            .Select(type => (type.Name, Layers: DeclaringLayers(type)))
            .Where(type => type.Layers.Count > 1)
            .Select(type => $"{type.Name} is declared in {string.Join(", ", type.Layers)}")
            .ToList();
    }

    /// <summary>
    /// Places of the keyword <c>unsafe</c> outside the layers that may use pointers, as "path(line)".
    /// </summary>
    public static IReadOnlyList<string> ForbiddenUnsafe(
        IEnumerable<(string Path, string Text)> sources, params string[] preprocessorSymbols) =>
        CSharpCompiler.CompileEngine(sources, preprocessorSymbols).SyntaxTrees
            .Where(tree => !LayersWithPointers.Contains(LayerOf(tree.FilePath)))
            .SelectMany(tree => tree.GetRoot().DescendantTokens())
            .Where(token => token.IsKind(SyntaxKind.UnsafeKeyword))
            .Select(
                token =>
                    $"{token.SyntaxTree!.FilePath}({token.GetLocation().GetLineSpan().StartLinePosition.Line + 1})")
            .ToList();

    /// <summary>Where a symbol belongs: empty for the framework's, and for locals and type parameters.</summary>
    private static List<string> LayersOf(ISymbol symbol)
    {
        switch (symbol)
        {
            case IAliasSymbol alias:
                return LayersOf(alias.Target);
            case INamespaceSymbol
            {
                ContainingNamespace: { Name: "Engine", ContainingNamespace.IsGlobalNamespace: true }
            } layer:
                return IsKnown(layer.Name) ? [layer.Name] : [];
            case INamedTypeSymbol type:
                return DeclaringLayers(type.OriginalDefinition);
            case ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or ILabelSymbol or ITypeParameterSymbol:
                return [];
            default:
                return symbol.ContainingType is { } owner ? DeclaringLayers(owner.OriginalDefinition) : [];
        }
    }

    private static List<string> DeclaringLayers(ISymbol type) =>
        type.DeclaringSyntaxReferences.Select(reference => LayerOf(reference.SyntaxTree.FilePath)).Distinct().ToList();
}
