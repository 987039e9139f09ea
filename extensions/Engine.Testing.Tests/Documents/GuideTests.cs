using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engine.Testing.Tests.Documents;

/// <summary>The programs of docs/testing-your-code.md and of the packages' READMEs do what is said of them.</summary>
public partial class GuideTests
{
    private const string Sweep = "EveryConfirmedOrder_IsAnnounced", Failures = Sweep + "_WhateverFails";

    private static readonly List<string> Guide = DocumentCompiler.Blocks("docs/testing-your-code.md");

    [Test]
    public void Guide_FindsTheBugOfItsOutboxWithinAMinute()
    {
        var assembly = DocumentCompiler.Compile(Guide[0], Guide[1]);
        var begin = Stopwatch.GetTimestamp();
        var found = Assert.Throws<CrashTestException>(() => DocumentCompiler.Method(assembly, Sweep)())!;
        Assert.That(Stopwatch.GetElapsedTime(begin), Is.LessThan(TimeSpan.FromMinutes(1)));
        TestContext.Out.WriteLine($"{Stopwatch.GetElapsedTime(begin).TotalSeconds:F1} s: {found.Message}");
        Assert.That(found.Message, Does.Contain("nobody was told of order 1"));
        Assert.That(found.Message, Does.Contain("Shop.SendAll"));
    }

    [Test]
    public void Guide_WithItsMendedOutbox_Passes()
    {
        var mended = Method().Replace(Guide[0], match => Guide[2].TrimEnd('\n') + match.Groups["end"].Value, 1);
        Assert.That(mended, Is.Not.EqualTo(Guide[0]));
        Assert.That(Guide, Has.Count.EqualTo(3), "every block is tested");
        var assembly = DocumentCompiler.Compile(mended, Guide[1]);
        DocumentCompiler.Method(assembly, Sweep)();
        DocumentCompiler.Method(assembly, Failures)();
    }

    [Test]
    public void Readme_OfThePackage_Runs()
    {
        var blocks = DocumentCompiler.Blocks("extensions/Engine.Testing/README.md");
        Assert.That(blocks, Has.Count.EqualTo(1));
        DocumentCompiler.Method(DocumentCompiler.Compile(blocks[0]), "NoConfirmedVisit_IsLost")();
    }

    [TestCase("OnePoint")]
    [TestCase("EveryPoint")]
    public void Readme_OfThePackageForFsCheck_Runs(string property)
    {
        var blocks = DocumentCompiler.Blocks("extensions/Engine.Testing.FsCheck/README.md");
        Assert.That(blocks, Has.Count.EqualTo(1));
        DocumentCompiler.Method(DocumentCompiler.Compile(blocks[0]), property)();
    }

    [GeneratedRegex(
        @"    public void SendAll\(.*?\n    }(?<end>\n)", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Method();
}
