using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class HumanTests
{
    [TestCase(0, "0 bytes")]
    [TestCase(1023, "1023 bytes")]
    [TestCase(1024, "1.00 KiB")]
    [TestCase(10 * 1024, "10.0 KiB")]
    [TestCase(3_051_520, "2.91 MiB")]
    [TestCase(1L << 40, "1.00 TiB")]
    public void Size_HasThreeDigitsAndAUnit(long bytes, string text) =>
        Assert.That(Human.Size(bytes), Is.EqualTo(text));

    [TestCase(1, "1 entry")]
    [TestCase(0, "0 entries")]
    [TestCase(34925, "34,925 entries")]
    public void Count_TakesTheRightNoun(long count, string text) =>
        Assert.That(Human.Count(count, "entry", "entries"), Is.EqualTo(text));
}
