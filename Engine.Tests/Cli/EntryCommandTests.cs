namespace Engine.Tests.Cli;

/// <summary>get, put and del.</summary>
internal sealed class EntryCommandTests : CliFixture
{
    private string Database => InFolder("entries.db");

    [Test]
    public void Put_IsSilentAndGetWritesTheValue()
    {
        CliResult put = Run("put", Database, "alice", "42").Expect(0);
        Assert.That(put.Output + put.Error, Is.Empty);
        Assert.That(Run("get", Database, "alice").Expect(0).Output, Is.EqualTo("42\n"));
    }

    [Test]
    public void Get_OfAnAbsentKey_SaysSo()
    {
        Run("put", Database, "alice", "42").Expect(0);
        CliResult result = Run("get", Database, "bob\\00");
        result.ExpectError(1, "there is no key 'bob\\00'");
        Assert.That(result.Output, Is.Empty);
    }

    [Test]
    public void Get_Raw_WritesTheBytesAndNothingElse()
    {
        Run("put", Database, "k", "\\00\\ff\\0a").Expect(0);
        Assert.That(Run("get", Database, "k", "--raw").Expect(0).OutputBytes, Is.EqualTo(new byte[] { 0, 255, 10 }));
        Assert.That(Run("get", Database, "k").Expect(0).OutputBytes, Is.EqualTo(new byte[] { 0, 255, 10, 10 }));
        Assert.That(
            Run("get", Database, "k", "--json").Expect(0).Output,
            Is.EqualTo("{\"key\":\"k\",\"valueBase64\":\"AP8K\"}\n"));
    }

    [Test]
    public void Hex_GoesForKeysAndValues()
    {
        Run("put", Database, "--hex", "00ff", "c3a9").Expect(0);
        Assert.That(Run("get", Database, "--hex", "00FF").Expect(0).Output, Is.EqualTo("c3a9\n"));
        Assert.That(Run("get", Database, "\\00\\ff").Expect(0).Output, Is.EqualTo("é\n"));
        Assert.That(
            Run("scan", Database, "--hex", "--from", "00", "--to", "01").Expect(0).Output, Is.EqualTo("00ff\tc3a9\n"));
        Run("del", Database, "--hex", "00ff").Expect(0);
        Run("get", Database, "--hex", "0").ExpectError(2, "is not hexadecimal");
    }

    [TestCase("-1")]
    [TestCase("-x")]
    [TestCase("@file")]
    [TestCase("[diagram]")]
    [TestCase("a=b")]
    [TestCase("with blank")]
    [TestCase("/slash")]
    [TestCase("東京")]
    [TestCase("")]
    public void AKeyMayLookLikeAnything(string key)
    {
        Run("put", Database, key, key + "!").Expect(0);
        Assert.That(Run("get", Database, key).Expect(0).Output, Is.EqualTo(key + "!\n"));
        Run("del", Database, key).Expect(0);
        Run("get", Database, key).Expect(1);
    }

    [Test]
    public void AKeyThatBeginsLikeAnOption_ComesAfterTwoHyphens()
    {
        Run("put", Database, "--tre", "x").ExpectError(2, "unknown option '--tre'");
        Run("put", Database, "--", "--tre", "--x").Expect(0);
        Assert.That(Run("get", Database, "--", "--tre").Expect(0).Output, Is.EqualTo("--x\n"));
    }

    [Test]
    public void Put_FromAFileOrStandardInput_TakesEveryByte()
    {
        File.WriteAllBytes(InFolder("value"), [0, 10, 92, 255]);
        Run("put", Database, "file", "--from", InFolder("value")).Expect(0);
        RunWithInput([13, 10, 0], "put", Database, "input", "--from", "-").Expect(0);
        Assert.That(Run("get", Database, "file", "--raw").OutputBytes, Is.EqualTo(new byte[] { 0, 10, 92, 255 }));
        Assert.That(Run("get", Database, "input", "--raw").OutputBytes, Is.EqualTo(new byte[] { 13, 10, 0 }));
    }

    [Test]
    public void Put_WantsExactlyOneValue()
    {
        Run("put", Database, "k").ExpectError(2, "either a VALUE or --from");
        Run("put", Database, "k", "v", "--from", "-").ExpectError(2, "either a VALUE or --from");
        Assert.That(File.Exists(Database), Is.False);
    }

    [Test]
    public void Put_WhenTheKeyIsTooLong_SaysTheLimit() =>
        Run("put", Database, new string('k', 5000), "v").ExpectError(2, "1024");

    [Test]
    public void AMalformedToken_IsAUsageError() => Run("put", Database, "a\\q", "v").ExpectError(2, "is no escape");

    [Test]
    public void Del_ReportsWhatWasAbsentAndDeletesTheRest()
    {
        Run("load", Database, Write("words.tsv", "a\t1\nb\t2\nc\t3\n")).Expect(0);
        Assert.That(Run("del", Database, "a").Expect(0).Output, Is.Empty);
        Run("del", Database, "a").ExpectError(1, "there is no key 'a'");
        Run("del", Database, "a", "b", "x").ExpectError(1, "there is no key 'a' and 1 other; 1 entry was deleted");
        Assert.That(Run("scan", Database).Output, Is.EqualTo("c\t3\n"));
    }

    [Test]
    public void Trees_AreApart()
    {
        Run("put", Database, "k", "default").Expect(0);
        Run("put", Database, "k", "users", "--tree", "users").Expect(0);
        Assert.That(Run("get", Database, "k").Output, Is.EqualTo("default\n"));
        Assert.That(Run("get", Database, "k", "--tree", "users").Output, Is.EqualTo("users\n"));
        Run("del", Database, "k", "--tree", "users").Expect(0);
        Run("get", Database, "k").Expect(0);
    }

    [TestCase("get", "k")]
    [TestCase("del", "k")]
    [TestCase("scan")]
    public void ATreeThatIsMissing_IsAbsent(string command, params string[] keys)
    {
        Run("put", Database, "k", "v").Expect(0);
        Run([command, Database, .. keys, "--tree", "nobody"]).ExpectError(1, "nobody");
    }

    [TestCase("get", "k")]
    [TestCase("del", "k")]
    [TestCase("scan")]
    [TestCase("stat")]
    public void ADatabaseThatIsMissing_IsNotCreated(string command, params string[] keys)
    {
        Run([command, Database, .. keys]).ExpectError(3, Database);
        Assert.That(File.Exists(Database), Is.False);
    }

    [Test]
    public void WithoutLock_ReadsWithoutALockFile()
    {
        Run("put", Database, "k", "v").Expect(0);
        File.Delete(Database + "-lock");
        Assert.That(Run("get", Database, "k", "--without-lock").Expect(0).Output, Is.EqualTo("v\n"));
        Assert.That(Run("scan", Database, "--without-lock").Expect(0).Output, Is.EqualTo("k\tv\n"));
        Run("stat", Database, "--without-lock").Expect(0);
        Assert.That(
            RunWithInput("get k", "shell", Database, "--without-lock").Expect(0).Output, Is.EqualTo("value v\n"));
        Assert.That(File.Exists(Database + "-lock"), Is.False);
    }
}
