using Engine.Cli.Commands;

namespace Engine.Tests.Cli;

internal sealed class ReplicaCommandTests : CliFixture
{
    [Test]
    public void Help_ShowsExamplesWithoutTheOtherTool()
    {
        Assert.That(Run("replica", "--help").Expect(0).Output, Does.Contain("engine replica status"));
        Assert.That(Run("--help").Expect(0).Output, Does.Contain("  replica <"), "the overview lists it");
    }

    [Test]
    public void Replica_WithoutTheOtherTool_SaysHowToInstallIt() =>
        Run("replica", "status", "orders", "--digests").ExpectError(2, "dotnet tool install");

    [Test]
    public void IsMeant_OfOtherCommandsAndOfHelp_IsFalse()
    {
        Assert.That(ReplicaCommand.IsMeant(["replica", "status"]), Is.True);
        Assert.That(ReplicaCommand.IsMeant(["replica", "--help"]), Is.False);
        Assert.That(ReplicaCommand.IsMeant(["get", "replica"]), Is.False);
    }
}
