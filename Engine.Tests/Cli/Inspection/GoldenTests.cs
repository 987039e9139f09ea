using System.Text;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

/// <summary>
/// What the commands write, compared with golden files. The databases are built byte by byte, so that every number in
/// the output is the same on every machine: a sound one with every feature, the same with damage, and an empty one.
/// </summary>
internal sealed class GoldenTests : InspectionFixture
{
    [Test]
    public void Info_OfASoundFile() => CheckCommands(
        "info", DamageCase.Sound(isVerified: true).File, ["info"], ["info", "--bytes"], ["info", "--json"]);

    [Test]
    public void Info_OfATornCommit()
    {
        var image = DamageCase.Sound(isVerified: true);
        image.Page(image.Leaf().Number)[100] ^= 1;
        CheckCommands("info-torn", image.File, ["info"], ["check"]);
    }

    [Test]
    public void Info_WithoutASuperblock()
    {
        var image = DamageCase.Sound(isVerified: false);
        image.Superblock[2000] = 1;
        CheckCommands("info-superblock", image.File, ["info"], ["trees"]);
    }

    [Test]
    public void Trees_OfASoundFile() =>
        CheckCommands("trees", DamageCase.Sound(isVerified: false).File, ["trees"], ["trees", "--json"]);

    [Test]
    public void Tree_OfASoundFile() => CheckCommands(
        "tree", DamageCase.Sound(isVerified: false).File,
        ["tree", "--depth", "3", "--children", "3"], ["tree", "--depth", "1"], ["tree", "(catalog)", "--hex"],
        ["tree", "void"], ["tree", "nobody"],
        ["tree", "numbers", "--json"]);

    [Test]
    public void TreePath_OfASoundFile() => CheckCommands(
        "tree-path", DamageCase.Sound(isVerified: false).File,
        ["tree", "--path", "key-00016"], ["tree", "--path", "key-000165"], ["tree", "--path", "a"],
        ["tree", "--path", "z", "--json"], ["tree", "void", "--path", "z"]);

    [Test]
    public void Pages_OfASoundFile() => CheckCommands(
        "pages", DamageCase.Sound(isVerified: false).File,
        ["pages"], ["pages", "--by", "age", "--width", "40"], ["pages", "--by", "fill"],
        ["pages", "--rows", "2", "--width", "30"], ["pages", "--json"]);

    [Test]
    public void Page_OfASoundFile()
    {
        var image = DamageCase.Sound(isVerified: false);
        CheckCommands(
            "page", image.File,
            ["page", $"{image.Leaf().Number}"], ["page", $"{image.Leaf().Number}", "--dump"],
            ["page", $"{image.Branch().Number}"],
            ["page", $"{image.Branch().Number}", "--dump"], ["page", $"{image.Overflow(index: 1).Number}"],
            ["page", $"{image.Overflow(index: 1).Number + 1}"], ["page", $"{image.LogPage().Number}"], ["page", "33"],
            ["page", $"{image.Leaf("numbers").Number}", "--json"]);
    }

    [Test]
    public void Page_OfTheFixedBlocks() => CheckCommands(
        "page-blocks", DamageCase.Sound(isVerified: true).File,
        ["page", "superblock"], ["page", "meta0"], ["page", "meta1"], ["page", "reserved"], ["page", "0"],
        ["page", "999999"], ["page", "meta2"]);

    [Test]
    public void Page_OfADamagedFile()
    {
        var image = DamageCase.Sound(isVerified: false);
        var (leaf, branch) = (image.Leaf(), image.Branch(index: 1));
        image.Page(leaf.Number)[500] ^= 0x10;
        image.Page(branch.Number)[24..32].Fill(0xFF);
        image.Page(image.Overflow(index: 1).Number)[100] ^= 1;
        CheckCommands(
            "page-damaged", image.File, ["page", $"{leaf.Number}"], ["page", $"{branch.Number}"],
            ["page", $"{image.Overflow(index: 1).Number + 1}"],
            ["pages"], ["tree", "--depth", "3", "--children", "2"], ["trees"]);
    }

    [Test]
    public void Space_OfASoundFile() => CheckCommands(
        "space", DamageCase.Sound(isVerified: false).File, ["space"], ["space", "--limit", "1"], ["space", "--json"]);

    [Test]
    public void Readers_OfAFileThatNobodyReads() => CheckCommands(
        "readers",
        DamageCase.Sound(isVerified: false).File,
        ["readers"],
        ["readers", "--sweep"],
        ["readers", "--json"]);

    [Test]
    public void Check_OfASoundFile() =>
        CheckCommands("check", DamageCase.Sound(isVerified: false).File, ["check"], ["check", "--json"]);

    [Test]
    public void Check_OfADamagedFile()
    {
        var image = DamageCase.Sound(isVerified: false);
        image.Page(image.Leaf().Number)[500] ^= 0x10;
        image.Set16(image.Leaf("animals").Number, 28, 3);
        CheckCommands("check-damaged", image.File, ["check"], ["check", "--limit", "1"], ["check", "--json"]);
    }

    [Test]
    public void AllCommands_OnAnEmptyDatabase()
    {
        // The file id is random: here it is none.
        var image = new Infrastructure.ImageBuilder(4096) { Id = 1, DurableId = 1 }.Build();
        CheckCommands(
            "empty",
            image.File,
            ["info"],
            ["trees"],
            ["tree"],
            ["tree", "--path", "k"],
            ["pages"],
            ["space"],
            ["readers"],
            ["check"]);
    }

    private void CheckCommands(string name, byte[] file, params string[][] commands)
    {
        string path = InFolder("example.db");
        var text = new StringBuilder();
        foreach (string[] command in commands)
        {
            File.WriteAllBytes(path, file);
            CliResult result = Run(On(path, command));
            text.Append("$ engine ").AppendJoin(' ', On("example.db", command)).Append('\n');
            text.Append(result.Output.Replace(path, "example.db", StringComparison.Ordinal));
            text.Append(result.Error.Replace(path, "example.db", StringComparison.Ordinal));
            if (result.ExitCode != 0)
                text.Append($"(exit code {result.ExitCode})\n");
            text.Append('\n');
        }

        GoldenFile.Check(name, text.ToString());
    }
}
