using System.Reflection;
using System.Runtime.Loader;
using Engine.Testing.Simulation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// The engine compiled from a copy of its sources with every planted bug in it, and a second copy of these tests that
/// is bound to it instead of to the engine. Both live in a context of their own, beside the real ones.
/// </summary>
internal sealed class SabotagedEngine : AssemblyLoadContext
{
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private readonly Assembly _engine;
    private readonly Assembly _tests;
    private readonly Func<int, string?, long, (string, long, string)?> _run;

    /// <param name="plants">The bugs to be planted; number n is the n-th, counted from 1.</param>
    public SabotagedEngine(IReadOnlyList<Plant> plants)
        : base(nameof(SabotagedEngine), isCollectible: true)
    {
        using var image = new MemoryStream();
        Compile(PlantedSources.Make(ReadSources(), CommonEdits.All, plants), image);
        image.Position = 0;
        _engine = LoadFromStream(image);
        _tests = LoadFromAssemblyPath(typeof(SabotagedEngine).Assembly.Location);
        _run = Bind<Func<int, string?, long, (string, long, string)?>>(typeof(Trial), nameof(Trial.Run));
    }

    /// <summary>The folder that holds Engine.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs the tiers, cheapest first, until one of them notices that something is wrong.</summary>
    /// <param name="number">The plant to switch on; 0 for none.</param>
    /// <param name="only">The name of the only tier to run, or null.</param>
    /// <param name="unit">
    /// The number of the only program or rule of a tier to run, from 1 on; 0 for all. Tiers of states run all.
    /// </param>
    /// <returns>
    /// The tier that caught it, after how many states, and by what message; null if all tiers passed.
    /// </returns>
    public (string Tier, long States, string Message)? Run(int number, string? only = null, long unit = 0) =>
        _run(number, only, unit);

    /// <summary>
    /// Runs a program of a user under the test kit, every point of it, and says what that found; null if nothing.
    /// </summary>
    /// <param name="number">The plant to switch on; 0 for none.</param>
    public string? RunTestKit(int number) =>
        Bind<Func<int, string?>>(typeof(TestKitTrial), nameof(TestKitTrial.Run))(number);

    private TDelegate Bind<TDelegate>(Type type, string method)
        where TDelegate : Delegate =>
        _tests.GetType(type.FullName!)!.GetMethod(method)!.CreateDelegate<TDelegate>();

    protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name switch
    {
        "Engine" => _engine,

        // The disk implements an interface of the engine: it is bound to the one with the bugs, too.
        "Engine.Testing" => LoadFromAssemblyPath(typeof(SimulatedDisk).Assembly.Location),
        _ => null,
    };

    private static Dictionary<string, string> ReadSources()
    {
        var folder = Path.Combine(Root, "Engine");
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path).Replace('\\', '/'), Text: path))
            .Where(
                static file => !file.Path.StartsWith("bin/", StringComparison.Ordinal)
                    && !file.Path.StartsWith("obj/", StringComparison.Ordinal))
            .ToDictionary(static file => file.Path, static file => File.ReadAllText(file.Text));
    }

    private static void Compile(Dictionary<string, string> sources, Stream image)
    {
        var parsing = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        var version = typeof(Database).Assembly.GetName().Version;
        var tests = typeof(SabotagedEngine).Assembly.GetName().Name;
        var disk = typeof(SimulatedDisk).Assembly.GetName().Name;
        var identity = $"""
            [assembly: System.Reflection.AssemblyVersion("{version}")]
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("{tests}")]
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("{disk}")]
            """;
        var compilation = CSharpCompilation.Create(
            "Engine",
            sources.Append(new("ImplicitUsings.cs", ImplicitUsings)).Append(new("Identity.cs", identity))
                .Select(source => CSharpSyntaxTree.ParseText(WithoutGenerator(source.Value), parsing, source.Key)),
            FrameworkReferences(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
        var result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new StalePlantException(
                string.Join('\n', result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)));
        }
    }

    /// <summary>
    /// The SDK's generator of native calls need not be found: the runtime can make the same calls, only not ahead of
    /// time.
    /// </summary>
    private static string WithoutGenerator(string source) =>
        source.Contains("[LibraryImport(", StringComparison.Ordinal)
            ? source
                .Replace("[LibraryImport(", "[DllImport(", StringComparison.Ordinal)
                .Replace(
                    "StringMarshalling = StringMarshalling.Utf8",
                    "CharSet = CharSet.Ansi, BestFitMapping = false",
                    StringComparison.Ordinal)
                .Replace("public static partial ", "public static extern ", StringComparison.Ordinal)
            : source;

    private static IEnumerable<MetadataReference> FrameworkReferences()
    {
        // The trusted platform assemblies include the packages of these tests: only the framework's folder is wanted.
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework)
            .Select(static path => MetadataReference.CreateFromFile(path));
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
