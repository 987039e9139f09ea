using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Engine.Testing.Tests.Documents;

/// <summary>Compiles what documents show, as a project with the implicit usings of the SDK would.</summary>
internal static class DocumentCompiler
{
    private const string Fence = "```";

    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.Linq;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    /// <summary>The folder that holds Engine.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The blocks of code of a document.</summary>
    public static List<string> Blocks(string document)
    {
        var markdown = File.ReadAllText(Path.Combine(Root, document)).ReplaceLineEndings("\n");
        var blocks = new List<string>();
        for (var at = 0; (at = markdown.IndexOf($"{Fence}csharp\n", at, StringComparison.Ordinal)) >= 0;)
        {
            var start = markdown.IndexOf('\n', at) + 1;
            at = markdown.IndexOf($"\n{Fence}", start, StringComparison.Ordinal) + 1;
            blocks.Add(markdown[start..at]);
        }

        return blocks;
    }

    /// <summary>Compiles files into one assembly, warnings being errors.</summary>
    public static Assembly Compile(params string[] files)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Document",
            files.Append(ImplicitUsings).Select(static file => CSharpSyntaxTree.ParseText(file)),
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        compilation.Emit(image);
        Assert.That(
            compilation.GetDiagnostics().Where(static found => found.Severity >= DiagnosticSeverity.Warning), Is.Empty);
        return Assembly.Load(image.ToArray());
    }

    /// <summary>The method with this name, of whatever class of the assembly has it.</summary>
    public static Action Method(Assembly assembly, string name)
    {
        var method = assembly.GetTypes()
            .Select(type => type.GetMethod(name))
            .Single(static method => method is not null)!;
        return method.CreateDelegate<Action>(method.IsStatic ? null : Activator.CreateInstance(method.DeclaringType!));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Engine.sln.");
    }
}
