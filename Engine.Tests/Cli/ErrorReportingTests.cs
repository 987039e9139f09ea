using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

internal sealed class ErrorReportingTests
{
    [Test]
    public void Describe_OfAnEngineException_AdvisesTheOptionOfTheTool()
    {
        var exception = new DatabaseAccessException("x-lock cannot be written. Grant this user the rights, or, if nobody writes to the database, open it with the option WithoutLock.");
        Assert.That(ErrorReporting.Describe(exception).Message, Does.EndWith("if nobody writes to the database, give --without-lock."));
    }

    [Test]
    public void TheAdvice_IsStillWordedSoInTheEngine() =>
        Assert.That(Infrastructure.RepositoryFiles.EngineSources().Values, Has.Some.Contains("open it with the option WithoutLock"));
}
