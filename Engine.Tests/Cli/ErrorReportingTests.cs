using System.Text.RegularExpressions;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed partial class ErrorReportingTests
{
    [Test]
    public void Describe_OfAnEngineException_AdvisesTheOptionOfTheTool()
    {
        var exception = new DatabaseAccessException(
            "x-lock cannot be written. Grant this user the rights, or, if nobody writes to the database, open it with "
            + "the option WithoutLock.");
        Assert.That(
            ErrorReporting.Describe(exception).Message,
            Does.EndWith("if nobody writes to the database, give --without-lock."));
    }

    [Test]
    public void Describe_OfASortWithoutRoom_AdvisesTheOptionOfTheTool()
    {
        var exception = new DatabaseException(
            "x.tmp cannot be written. Abort the transaction, and name a directory with enough room in "
            + "BulkLoadOptions.TempDirectory.");
        Assert.That(
            ErrorReporting.Describe(exception).Message,
            Is.EqualTo("x.tmp cannot be written. Make room there, or name another directory with --temp."));
    }

    [TestCase("open it with the option WithoutLock")]
    [TestCase("Abort the transaction, and name a directory with enough room in BulkLoadOptions.TempDirectory")]
    public void TheAdvice_IsStillWordedSoInTheEngine(string advice) =>
        Assert.That(
            Infrastructure.RepositoryFiles.EngineSources().Values.Select(
                static source => BetweenPieces().Replace(source, string.Empty)),
            Has.Some.Contains(advice));

    /// <summary>What stands between the pieces of a text that is longer than a line.</summary>
    [GeneratedRegex("""
        "\s*\+ \$?"
        """)]
    private static partial Regex BetweenPieces();
}
