namespace Engine.Tests.Cli;

internal sealed class DemoCommandTests : CliFixture
{
    [Test]
    public void Demo_LoadsReadsBackAndShowsTheShippedDataSet()
    {
        string output = Run("demo").Expect(0).Output;
        Assert.That(output, Does.Contain("loaded 34,925 entries in "));
        Assert.That(
            output, Does.Match("read back 34,925 records one by one in .* and in order in .*: all equal the source"));
        Assert.That(output, Does.Contain("checked the whole file: ok"));
        Assert.That(output, Does.Contain("LATIN").Or.Contain("<control>"));
    }

    [Test]
    public void Demo_TakesAnotherDataSetAndKeepsTheDatabase()
    {
        string words = Write("words.tsv", "b\t2\na\t1\nb\t3\n");
        string database = InFolder("kept.db");
        Assert.That(Run("demo", words, "--keep", database).Expect(0).Output, Does.Contain("read back 2 records"));
        Assert.That(Run("scan", database).Expect(0).Output, Is.EqualTo("a\t1\nb\t3\n"));
        Run("demo", words, "--keep", database).ExpectError(2, "exists");
    }

    [Test]
    public void Demo_LeavesNothingBehind()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "engine-demo-*");
        Run("demo", Write("words.tsv", "a\t1\n")).Expect(0);
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "engine-demo-*"), Is.SubsetOf(before));
    }

    [Test]
    public void Demo_OfAMissingDataSet_SaysSo() =>
        Run("demo", InFolder("nothing.tsv")).ExpectError(2, "there is no file");
}
