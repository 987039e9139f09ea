namespace Engine.Tests.Cli;

/// <summary>sequences and sequence, and what the other commands make of the tree that they are.</summary>
internal sealed class SequenceCommandTests : CliFixture
{
    private string Shop => InFolder("shop.db");

    [Test]
    public void Sequence_TakesNumbers_AndShowsTheLast()
    {
        Assert.That(Run("sequence", Shop, "orders", "--take", "1").Expect(0).Output, Is.EqualTo("1\n"));
        Assert.That(Run("sequence", Shop, "orders", "--take", "10").Expect(0).Output, Is.EqualTo("2\n"));
        Assert.That(Run("sequence", Shop, "orders").Expect(0).Output, Is.EqualTo("11\n"));
        Assert.That(Run("sequence", Shop, "others").Expect(0).Output, Is.EqualTo("0\n"));
        Assert.That(Run("sequence", Shop, "orders", "--advance-to", "50").Expect(0).Output, Is.Empty);
        Assert.That(Run("sequence", Shop, "orders", "--advance-to", "20").Expect(0).Output, Is.Empty);
        Assert.That(Run("sequence", Shop, "orders", "--take", "1").Expect(0).Output, Is.EqualTo("51\n"));
    }

    [Test]
    public void Sequences_ListsThem()
    {
        Run("put", Shop, "key", "value").Expect(0);
        Assert.That(Run("sequences", Shop).Expect(0).Output, Is.Empty);
        Run("sequence", Shop, "orders", "--take", "3").Expect(0);
        Run("sequence", Shop, @"a\09\c3\a9", "--take", "1").Expect(0);

        Assert.That(Run("sequences", Shop).Expect(0).Output, Is.EqualTo("a\\09é\t1\norders\t3\n"));
        Assert.That(
            Run("sequences", Shop, "--json").Expect(0).Output,
            Is.EqualTo("{\"name\":\"a\\té\",\"last\":1}\n{\"name\":\"orders\",\"last\":3}\n"));
    }

    [Test]
    public void WrongArguments_AreTold()
    {
        Run("sequence", Shop, "orders", "--take", "0").ExpectError(2, "from 1 on");
        Run("sequence", Shop, "orders", "--take", "x").ExpectError(2, "give a number");
        Run("sequence", Shop, "orders", "--take", "1", "--advance-to", "9").ExpectError(2, "either");
        Run("sequence", Shop, "orders", "--take", "1", "--without-lock").ExpectError(2, "for reading");
        Run("sequence", Shop, "\"\"").ExpectError(2, "not empty");
        Run("sequence", Shop, @"\ff").ExpectError(2, "UTF-8");
        Run("sequence", Shop, "orders").ExpectError(3, "no database");
        Assert.That(File.Exists(Shop), Is.False);
    }

    [Test]
    public void UsedUpSequence_AndAnotherTreeOfTheName_AreErrors()
    {
        Run("sequence", Shop, "orders", "--advance-to", $"{long.MaxValue}").Expect(0);
        Run("sequence", Shop, "orders", "--take", "1").ExpectError(3, "0 numbers left");
        string other = InFolder("other.db");
        Run("create", other, Sequence.TreeName).Expect(0);
        Run("sequence", other, "orders", "--take", "1").ExpectError(3, "without codecs");
        Run("sequences", other).ExpectError(3, "without codecs");
    }

    [Test]
    public void CopyAndSalvage_KeepTheNumbers([Values("--compact", "")] string compact)
    {
        Run("sequence", Shop, "orders", "--take", "7").Expect(0);
        string copy = InFolder("copy.db");
        Run([.. new[] { "copy", Shop, copy, compact }.Where(static word => word.Length > 0)]).Expect(0);
        string salvaged = InFolder("salvaged.db");
        Run("check", copy, "--salvage", salvaged);
        foreach (string file in new[] { copy, salvaged })
        {
            Assert.That(Run("sequence", file, "orders", "--take", "1").Expect(0).Output, Is.EqualTo("8\n"));
            Run("check", file).Expect(0);
        }
    }
}
