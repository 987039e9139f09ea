using System.Reflection;
using System.Xml.Linq;
using Engine.Tests.Infrastructure;

namespace Engine.Tests;

/// <summary>Each layer of the engine knows only those below it.</summary>
public class LayeringTests
{
    private static IEnumerable<(string Path, string Text)> EngineSources =>
        RepositoryFiles.EngineSources().Select(source => (source.Key, source.Value));

    private static string[] Symbols(bool debug) =>
        debug ? ["DEBUG", "TRACE", "NET", "NET10_0_OR_GREATER"] : ["TRACE", "NET", "NET10_0_OR_GREATER"];

    [Test]
    public void EngineFolders_AreLayers() =>
        Assert.That(
            RepositoryFiles.EngineSourcePaths().Where(path => !LayerRules.IsKnown(LayerRules.LayerOf(path))), Is.Empty);

    [Test, Sampled("debug", 1)]
    public void EngineFiles_NameOnlyTypesOfTheirLayerOrBelow([Values(false, true)] bool debug) =>
        Assert.That(LayerRules.ForbiddenNames(EngineSources, Symbols(debug)), Is.Empty);

    [Test]
    public void EngineTypes_AreDeclaredInOneLayer() =>
        Assert.That(LayerRules.TypesInSeveralLayers(EngineSources), Is.Empty);

    [Test, Sampled("debug", 1)]
    public void EngineFiles_UsePointersOnlyInStorageAndPages([Values(false, true)] bool debug) =>
        Assert.That(LayerRules.ForbiddenUnsafe(EngineSources, Symbols(debug)), Is.Empty);

    [Test]
    public void EngineProject_DependsOnNothingButTheFramework()
    {
        var project = XDocument.Load(Path.Combine(RepositoryFiles.Root, "Engine", "Engine.csproj"));

        string[] dependencies =
            ["PackageReference", "PackageDownload", "ProjectReference", "FrameworkReference", "Reference", "Import"];
        Assert.That(project.Descendants().Select(element => element.Name.LocalName).Intersect(dependencies), Is.Empty);
        Assert.That(
            Assembly.Load("Engine").GetReferencedAssemblies().Select(assembly => assembly.Name),
            Has.All.StartsWith("System."));
    }

    [TestCase("Storage", "class Low { High? field; }")]
    [TestCase("Storage", "class Low { object Make() => new High(); }")]
    [TestCase("Storage", "class Low { string Name() => nameof(High); }")]
    [TestCase("Storage", "class Low { List<High[]>? field; }")]
    [TestCase("Storage", "class Low { int Get() => High.Count; }")]
    [TestCase("Storage", "using Engine.Trees; class Low { }")]
    [TestCase("Storage", "using Alias = Engine.Trees.Higher; class Low { }")]
    [TestCase("Space", "class Low { High? field; }")]
    [TestCase("Integrity", "class Low { High? field; }")]
    public void ForbiddenNames_WhenALayerNamesOneAbove_AreFound(string layer, string body)
    {
        var violations = ForbiddenNamesWithHighTree(layer, body);

        Assert.That(violations, Is.Not.Empty);
        Assert.That(violations, Has.All.Contain("belongs to Trees"));
    }

    [TestCase("Transactions", "class Other { High? field; }")]
    [TestCase("Trees", "class Other { High? field; }")]
    [TestCase("Storage", "class Other { int High => 1; int Twice => High * 2; }")]
    [TestCase("Storage", "/* High */ class Other { string text = \"High\"; } // High")]
    public void ForbiddenNames_WhenNothingIsForbidden_AreNone(string layer, string body) =>
        Assert.That(ForbiddenNamesWithHighTree(layer, body), Is.Empty);

    [Test]
    public void ForbiddenNames_WhenTheSourceDoesNotCompile_SaySo() =>
        Assert.That(ForbiddenNamesWithHighTree("Storage", "class Low { Missing? field; }"), Has.Some.Contain("CS0246"));

    [Test]
    public void ForbiddenUnsafe_OutsideStorageAndPages_IsFound()
    {
        const string Source = "// unsafe\nunsafe class Low { }";

        Assert.That(LayerRules.ForbiddenUnsafe([("Trees/Low.cs", Source)]), Is.EqualTo(new[] { "Trees/Low.cs(2)" }));
        Assert.That(LayerRules.ForbiddenUnsafe([("Pages/Low.cs", Source)]), Is.Empty);
    }

    [Test]
    public void TypesInSeveralLayers_WhenAPartialTypeIsSplit_AreFound() =>
        Assert.That(
            LayerRules.TypesInSeveralLayers([("Pages/A.cs", "partial class A;"), ("Trees/A.cs", "partial class A;")]),
            Has.Count.EqualTo(1));

    private static IReadOnlyList<string> ForbiddenNamesWithHighTree(string layer, string body)
    {
        const string High = "namespace Engine { class High { public static int Count => 0; } } namespace Engine.Trees "
            + "{ class Higher; }";
        var usings = body.StartsWith("using ", StringComparison.Ordinal) ? body[..(body.IndexOf(';') + 1)] : "";
        var low = $"{usings} namespace Engine; {body[usings.Length..]}";
        return LayerRules.ForbiddenNames([("Trees/High.cs", High), ($"{layer}/Low.cs", low)]);
    }
}
