using System.Reflection;
using Engine.Tests.Infrastructure;
using NUnit.Framework.Interfaces;

namespace Engine.Tests;

/// <summary>Folders and categories say the same of a test, and tests that start processes run alone.</summary>
public class CategoryTests
{
    /// <summary>
    /// Ways to start a process; what runs small programs of the system, such as ln and stat, is not meant.
    /// </summary>
    private static readonly string[] Starters =
    [
        "HelperProcess.Start(", "ToolProcess.Run(", "ToolProcess.Start(", "BenchProgram.Run(", "PosixShell.Run(",
        "LmdbTools.Load(", "DotNet.Run(", "SampleProcess.Start(",
    ];

    private static IEnumerable<Type> Fixtures => typeof(CategoryTests).Assembly.GetTypes().Where(static type =>
        !type.IsAbstract && type.GetMethods().Any(static method => method.GetCustomAttributes().Any(
            static attribute => attribute is ITestBuilder or ISimpleTestBuilder)));

    [TestCase("Cli", Categories.Cli)]
    [TestCase("Bench", Categories.Bench)]
    [TestCase("Processes", Categories.Process)]
    public void Classes_OfAFolder_HaveItsCategory(string folder, string category)
    {
        var classes = Fixtures.Where(type => IsIn(type, folder)).ToList();

        Assert.That(classes, Is.Not.Empty);
        Assert.That(
            classes.Where(type => !HasCategory(type, category)),
            Is.Empty,
            $"these lack [Category(Categories.{category})]");
    }

    [Test]
    public void Classes_ThatStartProcesses_RunAlone() => Assert.That(
        Fixtures.Where(static type => HasCategory(type, Categories.Process)
            && type.GetCustomAttribute<ParallelizableAttribute>()?.Scope != ParallelScope.None),
        Is.Empty);

    [Test]
    public void Sources_ThatStartProcesses_NameTheCategory()
    {
        var folder = Path.Combine(RepositoryFiles.Root, "Engine.Tests");
        var sources = Directory.EnumerateFiles(folder, "*Tests.cs", SearchOption.AllDirectories)
            .Where(static path => Path.GetFileName(path) != $"{nameof(CategoryTests)}.cs")
            .Select(static path => (path, text: File.ReadAllText(path)))
            .Where(static source => Starters.Any(starter => source.text.Contains(starter, StringComparison.Ordinal)))
            .ToList();

        Assert.That(sources, Has.Count.GreaterThan(15));
        Assert.That(
            sources.Where(static source => !source.text.Contains("Categories.Process", StringComparison.Ordinal))
                .Select(static source => source.path),
            Is.Empty);
    }

    private static bool IsIn(Type type, string folder) =>
        $"{type.Namespace}.".StartsWith($"{nameof(Engine)}.{nameof(Tests)}.{folder}.", StringComparison.Ordinal);

    private static bool HasCategory(Type type, string category) =>
        type.GetCustomAttributes<CategoryAttribute>().Any(attribute => attribute.Name == category);
}
