using System.Text;
using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>A tree may have any name; what it is called on the command line means that tree and no other.</summary>
internal sealed class TreeNameTests : CliFixture
{
    private static readonly string[] Names =
        ["(default)", "(catalog)", "engine", "users", " users", "users ", "a\\b", "\"\"", "größe", "new\nline"];

    private string Database => InFolder("names.db");

    [TestCase("", "(default)")]
    [TestCase("(default)", "\\28default)")]
    [TestCase("(catalog)", "\\28catalog)")]
    [TestCase("users", "users")]
    [TestCase(" users", "\\20users")]
    [TestCase("users ", "users\\20")]
    [TestCase(" ", "\\20")]
    [TestCase("a\\b", "a\\5cb")]
    [TestCase("\"\"", "\\22\\22")]
    [TestCase("größe", "größe")]
    public void Label_MeansThatTreeAndNoOther(string name, string label)
    {
        Assert.That(TreeNames.Label(name), Is.EqualTo(label));
        Assert.That(TreeNames.Parse(label), Is.EqualTo(name));
    }

    [TestCase("(catalog)")]
    [TestCase("\\ff")]
    [TestCase("a\\b")]
    public void Parse_OfWhatIsNoName_IsAUsageError(string typed) =>
        Assert.That(() => TreeNames.Parse(typed), Throws.TypeOf<UsageException>());

    [Test]
    public void EveryCommand_TakesTheNameThatItShows()
    {
        FillAll();
        foreach (string name in Names.Prepend(""))
        {
            string label = TreeNames.Label(name);
            string value = name.Length == 0 ? "default tree" : "tree " + Array.IndexOf(Names, name);
            Assert.That(Run("get", Database, "which", "--tree", label).Expect(0).Output, Is.EqualTo(value + "\n"),
                label);
            Assert.That(Run("scan", Database, "--tree", label).Expect(0).Output, Does.Contain($"which\t{value}\n"),
                label);
            Assert.That(Run("stat", Database).Expect(0).OutputLines.Count(line =>
                line.StartsWith(label + " ", StringComparison.Ordinal)), Is.EqualTo(1), label);
            Assert.That(Run("stat", Database, "--tree", label).Expect(0).Output, Does.Contain($"\n{label} "), label);
            Assert.That(Run("trees", Database).Expect(0).OutputLines.Count(line =>
                line.StartsWith(label + " ", StringComparison.Ordinal)), Is.EqualTo(name == "(catalog)" ? 2 : 2),
                label);
            Assert.That(Run("dump", Database, label, "--format", "escaped").Expect(0).Output,
                Does.Contain($"which\t{value}\n"), label);
            using JsonDocument tree = JsonDocument.Parse(Run("tree", Database, label, "--json").Expect(0).Output);
            Assert.That(tree.RootElement.GetProperty("tree").GetString(), Is.EqualTo(name), label);
            string[] shell = RunWithInput("get which\n", "shell", Database, "--tree", label).Expect(0).OutputLines;
            Assert.That(shell, Is.EqualTo(new[] { "value " + value.Replace(" ", "\\20", StringComparison.Ordinal) }),
                label);
        }
    }

    [Test]
    public void Tree_OfTheCatalog_IsTheTreeOfTheNames_WhateverTreesAreCalled()
    {
        FillAll();
        using JsonDocument tree = JsonDocument.Parse(Run("tree", Database, "(catalog)", "--json").Expect(0).Output);
        Assert.That(tree.RootElement.GetProperty("role").GetString(), Is.EqualTo("catalog"));
        Run("get", Database, "which", "--tree", "(catalog)").ExpectError(2, "\\28catalog)");
    }

    [Test]
    public void Put_IntoTheTreeThatIsShownAsDefault_PutsIntoIt()
    {
        Run("put", Database, "k", "v", "--tree", "(default)").Expect(0);
        Assert.That(Run("get", Database, "k").Expect(0).Output, Is.EqualTo("v\n"));
        Run("put", Database, "k", "w", "--tree", "\\28default)").Expect(0);
        Assert.That(Run("get", Database, "k").Expect(0).Output, Is.EqualTo("v\n"));
        Assert.That(Run("get", Database, "k", "--tree", "\\28default)").Expect(0).Output, Is.EqualTo("w\n"));
    }

    [Test]
    public void Check_AndSalvage_TellThemApart()
    {
        FillAll();
        string[] lines = Run("check", Database, "--salvage", InFolder("out.db")).Expect(0).OutputLines;
        foreach (string name in Names.Prepend(""))
            Assert.That(lines.Count(line => line.StartsWith(TreeNames.Label(name) + " ", StringComparison.Ordinal)),
                Is.EqualTo(1), name);
    }

    [Test]
    public void ALongName_IsWholeInAPipe()
    {
        string name = new('n', 200);
        Run("put", Database, "k", "v", "--tree", name).Expect(0);
        Assert.That(Run("trees", Database).Expect(0).Output, Does.Contain(name));
        Assert.That(RunOnTerminal(80, "trees", Database).Expect(0).Output, Does.Not.Contain(name).And.Contain("nnnn…"));
    }

    private void FillAll()
    {
        using Database database = Engine.Database.Open(Database);
        using WriteTransaction transaction = database.BeginWrite();
        transaction.Main.Put("which"u8, "default tree"u8);
        for (int i = 0; i < Names.Length; i++)
            transaction[transaction.CreateTree(Names[i])].Put("which"u8, Encoding.ASCII.GetBytes($"tree {i}"));
        transaction.Commit();
    }
}
