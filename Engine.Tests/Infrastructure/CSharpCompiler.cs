using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// Compiles sources in memory, with the language version of the project, against the framework of the running runtime.
/// For rules that only the compiler can show to hold.
/// </summary>
internal static class CSharpCompiler
{
    /// <summary>What ImplicitUsings stands for in a project of the plain SDK.</summary>
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private static readonly IReadOnlyList<MetadataReference> FrameworkReferences = FindFrameworkReferences();
    private static readonly MetadataReference EngineReference =
        MetadataReference.CreateFromFile(System.Reflection.Assembly.Load("Engine").Location);

    /// <summary>
    /// Compiles one file as a user of the engine would, who sees its public members only.
    /// </summary>
    /// <returns>The ids of the errors, such as CS8352, each once, in order; nothing when it compiles.</returns>
    public static IReadOnlyList<string> ErrorIds(string source)
    {
        // Some rules (a ref struct over an await, for one) are looked at only when code is made.
        var result = Compile([("Source.cs", source)], [EngineReference]).Emit(Stream.Null);
        return result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(error => error.Id).Distinct().Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Compiles one file as a user of the engine would, and looks at it with an analyzer.</summary>
    /// <returns>What the analyzer reports, in the order of the lines; the file itself has to compile.</returns>
    public static IReadOnlyList<(string Id, int Line)> AnalyzerIds(DiagnosticAnalyzer analyzer, string source)
    {
        var compilation = Compile([("Source.cs", source)], [EngineReference]);
        if (compilation.SyntaxTrees.Any(
            static tree => tree.GetRoot().ChildNodes().Any(static node => node.IsKind(SyntaxKind.GlobalStatement))))
        {
            compilation =
                compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication));
        }

        Assert.That(Errors(compilation), Is.Empty);
        var analysis = compilation.WithAnalyzers([analyzer]).GetAnalyzerDiagnosticsAsync(CancellationToken.None);
        return analysis.GetAwaiter().GetResult()
            .Select(diagnostic => (diagnostic.Id, Line: diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1))
            .OrderBy(found => found.Line).ThenBy(found => found.Id, StringComparer.Ordinal).ToList();
    }

    /// <summary>
    /// Compiles a program of top-level statements as a user of the engine would, and runs it in this process.
    /// </summary>
    public static void Run(string source)
    {
        using var assembly = new MemoryStream();
        var compilation = Compile([("Program.cs", source)], [EngineReference]);
        var result =
            compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication)).Emit(assembly);
        Assert.That(result.Success, string.Join('\n', result.Diagnostics));
        var main = System.Reflection.Assembly.Load(assembly.ToArray()).EntryPoint!;
        main.Invoke(null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
    }

    /// <summary>Compiles files that stand for the engine's own: nothing but the framework is referred to.</summary>
    /// <param name="sources">Pairs of a path and a text.</param>
    /// <param name="preprocessorSymbols">What <c>#if</c> takes for defined.</param>
    public static CSharpCompilation CompileEngine(
        IEnumerable<(string Path, string Text)> sources, params string[] preprocessorSymbols) =>
        Compile(sources, [], preprocessorSymbols);

    public static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation) =>
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static CSharpCompilation Compile(
        IEnumerable<(string Path, string Text)> sources,
        MetadataReference[] references,
        params string[] preprocessorSymbols)
    {
        var parsing = new CSharpParseOptions(
            LanguageVersion.Latest, DocumentationMode.None, preprocessorSymbols: preprocessorSymbols);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create(
            "Compiled",
            sources.Append(("ImplicitUsings.cs", ImplicitUsings)).Select(
                source => CSharpSyntaxTree.ParseText(source.Item2, parsing, source.Item1)),
            FrameworkReferences.Concat(references),
            options);
    }

    private static List<MetadataReference> FindFrameworkReferences()
    {
        // The trusted platform assemblies include the test project's own packages: only the framework's folder is
        // wanted.
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return trusted.Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework)
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToList();
    }
}
