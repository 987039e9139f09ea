using System.Text.Json;
using Engine.Integrity;
using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

/// <summary>
/// Plants damage of every kind and expects <c>check</c> to name the page and the rule, and all other commands to
/// answer.
/// </summary>
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

        using JsonDocument json = JsonDocument.Parse(Run("check", path, "--json", "--threads", "3").Expect(1).Output);
        var found = json.RootElement.GetProperty("problems").EnumerateArray()
            .Select(
                problem => (
                    problem.GetProperty("rule").GetString(),
                    problem.TryGetProperty("page", out JsonElement number) ? number.GetUInt64() : (ulong?)null));
        Assert.That(found, Has.Member((damage.Rule, page)));
    }

    [TestCaseSource(nameof(Damages), Category = Categories.Campaign)]
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
    public void EveryCommand_OnAClosedDatabaseWithADamagedMeta_WarnsAndWorks()
    {
        string path = LoadDataSet();
        using (var file = new FileStream(path, FileMode.Open))
        {
            // A bit of the newer one of the two metas.
            file.Position = (NewerSlot(path) + 1) * 4096 + 300;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 4));
        }

        byte[] damaged = File.ReadAllBytes(path);
        string[][] others =
        [
            ["get", path, "00263A"], ["scan", path, "--limit", "1"], ["stat", path], ["dump", path],
            ["copy", path, InFolder("copy.db")], ["upgrade", path, InFolder("new.db")], ["shell", path, "--read-only"],
        ];
        foreach (string[] command in Commands.Select(command => On(path, command)).Concat(others))
        {
            CliResult result = Run(command);
            Assert.That(
                result.Error,
                Does.StartWith($"engine: warning: '{path}': meta slot ")
                    .And.Contain("has a wrong checksum")
                    .And.Contain("the same content"),
                string.Join(' ', command));
            if (command[0] == "check")
                result.Expect(1);
        }

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(damaged), "looking changes nothing");
        string[][] changes =
        [
            ["put", path, "alice", "43"],
            ["del", path, "00263A"],
            ["load", path, Write("more.tsv", "one\ttwo\n")],
            ["shell", path]
        ];
        foreach (string[] command in changes)
        {
            File.WriteAllBytes(path, damaged);
            File.Delete(path + "-lock");
            Assert.That(
                Run(command).Expect(0).Error, Does.StartWith($"engine: warning: '{path}': meta slot "), command[0]);
            Assert.That(Run("check", path).Expect(0).Error, Is.Empty, "mended");
        }
    }

    [Test]
    public void Check_OfAnOlderCopyWithADamagedMeta_InThePlaceOfAClosedDatabase_SaysWhatOpeningWouldSay()
    {
        string path = LoadDataSet();
        byte[] old = File.ReadAllBytes(path);
        Run("put", path, "alice", "43").Expect(0);
        old[4096 + 300] ^= 4;
        File.WriteAllBytes(path, old);

        CliResult result = Run("check", path).Expect(1);
        Assert.That(result.Output, Does.Contain("refused: ").And.Contain("closed in good order"));
        Run("get", path, "00263A").ExpectError(3, "closed in good order");
        Run("put", path, "alice", "44").ExpectError(3, "closed in good order");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(old), "nothing is erased");
    }

    private static int NewerSlot(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return BitConverter.ToUInt64(bytes, 4096 + 32) > BitConverter.ToUInt64(bytes, 8192 + 32) ? 0 : 1;
    }

    [Test]
    public void Check_OfACommitThatACrashCutOff_FindsNoProblem_ButIsNotOk()
    {
        var image = DamageCase.Sound(isVerified: true);
        ulong page = image.Leaf().Number;
        image.Page(page)[200] ^= 1;
        string path = WriteImage(image);
        CliResult result = Run("check", path).ExpectError(1, $"page {page} is not as it was written");
        Assert.That(result.Error, Does.StartWith("engine: warning: "));
        Assert.That(
            result.Output, Does.Contain("note: ").And.Contain(": meta-rejected").And.Contain("\nrejected: meta slot "));

        using JsonDocument json = JsonDocument.Parse(Run("check", path, "--json").Output);
        Assert.That(json.RootElement.GetProperty("ok").GetBoolean(), Is.False);
        Assert.That(json.RootElement.GetProperty("problemCount").GetInt32(), Is.Zero);
        JsonElement rejected = json.RootElement.GetProperty("recovery").GetProperty("rejected")[0];
        Assert.That(rejected.GetProperty("transaction").GetInt32(), Is.EqualTo(9));
        Assert.That(rejected.GetProperty("page").GetUInt64(), Is.EqualTo(page));
    }

    [Test]
    public void Check_WithThreads_SaysTheSame([Values] bool isDamaged)
    {
        var image = DamageCase.Sound(isVerified: false);
        if (isDamaged)
            image.Page(image.Leaf().Number)[500] ^= 0x10;
        string path = WriteImage(image);
        int code = isDamaged ? 1 : 0;

        string alone = Run("check", path, "--threads", "1").Expect(code).Output;

        Assert.That(Run("check", path, "--threads", "3").Expect(code).Output, Is.EqualTo(alone));
        Assert.That(Run("check", path).Expect(code).Output, Is.EqualTo(alone));
        Run("check", path, "--threads", "0").ExpectError(2, "--threads");
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
