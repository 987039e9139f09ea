using System.Text.Json;
using Engine.Integrity;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

/// <summary>Plants damage of every kind and expects <c>check</c> to name the page and the rule, and all other commands to answer.</summary>
internal sealed class CheckCommandTests : InspectionFixture
{
    private static IEnumerable<TestCaseData> Damages =>
        SuperblockDamage.Cases.Concat(MetaDamage.Cases).Concat(RunListDamage.Cases).Concat(TreeRecordDamage.Cases)
            .Concat(PageDamage.Cases).Concat(NodeDamage.Cases).Concat(OverflowDamage.Cases).Concat(LogDamage.Cases)
            .Select(damage => new TestCaseData(damage).SetArgDisplayNames(damage.ToString()));

    [TestCaseSource(nameof(Damages))]
    public void Check_OfPlantedDamage_NamesPageAndRule(object planted)
    {
        var damage = (DamageCase)planted;
        var (image, page) = damage.Apply();
        string path = WriteImage(image);
        if (image.Bytes.Length == 0)
        {
            Run("check", path).ExpectError(2, "empty file");
            return;
        }

        if (damage.Rule is IntegrityRules.SuperblockVersion or IntegrityRules.SuperblockFeatures)
        {
            Run("check", path).ExpectError(2, path);
            return;
        }

        CliResult text = Run("check", path).Expect(1);
        string place = page is null ? "damage: " : $"damage: page {page} ";
        string places = page is null ? "damage: " : $"damage: pages {page} to ";
        Assert.That(
            text.OutputLines.Where(line => line.EndsWith(": " + damage.Rule, StringComparison.Ordinal)),
            Has.Some.StartsWith(place).Or.Some.StartsWith(places), text.Output);
        Assert.That(text.Output, Does.Contain("  expected ").And.Contain("  found    "));

        using JsonDocument json = JsonDocument.Parse(Run("check", path, "--json").Expect(1).Output);
        var found = json.RootElement.GetProperty("problems").EnumerateArray()
            .Select(problem => (problem.GetProperty("rule").GetString(), problem.TryGetProperty("page", out JsonElement number) ? number.GetUInt64() : (ulong?)null));
        Assert.That(found, Has.Member((damage.Rule, page)));
    }

    [TestCaseSource(nameof(Damages))]
    public void EveryCommand_OnPlantedDamage_Answers(object planted)
    {
        string path = WriteImage(((DamageCase)planted).Apply().Image);
        byte[] before = File.ReadAllBytes(path);
        foreach (string[] command in Commands)
            ExpectAnswer(Run(On(path, command)), string.Join(' ', command));
        ExpectAnswer(Run("pages", path, "--html", InFolder("map.html")), "pages --html");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(before), "looking changes nothing");
    }

    [Test]
    public void Check_OfAFileThatCannotBeRead_IsTwo()
    {
        Run("check", InFolder("missing.db")).ExpectError(2, "missing.db");
        Run("check", Folder).ExpectError(2, "directory");
        Run("check", Write("empty.db", "")).ExpectError(2, "empty");
        Run("check", Write("notes.db", new string('x', 100_000))).ExpectError(2, "not a database");
    }

    [Test]
    public void Check_OfACommitThatACrashCutOff_IsFineAndSaysSo()
    {
        var image = DamageCase.Sound(isVerified: true);
        image.Page(image.Leaf().Number)[200] ^= 1;
        CliResult result = Run("check", WriteImage(image)).Expect(0);
        Assert.That(result.Output, Does.Contain("note: ").And.Contain(": meta-rejected").And.EndWith("ok\n"));
    }

    [Test]
    public void Check_WithALimit_CountsTheRest()
    {
        var image = DamageCase.Sound(isVerified: false);
        image.Page(image.Leaf().Number)[500] ^= 0x10;
        image.Page(image.Leaf(index: 1).Number)[500] ^= 0x10;
        string path = WriteImage(image);
        CliResult result = Run("check", path, "--limit", "1").Expect(1);
        Assert.That(result.Output, Does.Contain("damage: 1 more").And.Contain("damaged: 2 problems"));
        Run("check", path, "--limit", "-1").ExpectError(2, "--limit");
    }
}
