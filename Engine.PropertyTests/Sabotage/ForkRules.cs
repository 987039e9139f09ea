using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Invariant 25: a fork has the state that it began with and what it wrote, whatever its base does, and its base has
/// nothing of that.
/// </summary>
internal static class ForkRules
{
    private const int Programs = 10;

    public static void RequireForksToGoTheirOwnWay()
    {
        for (var seed = 0; seed < Programs; seed++)
        {
            ForkModelTests.Run(ForkStep.Random(seed, ForkModel.Steps));
        }
    }

    public static void RequireForksToBeClosedWithTheirBase()
    {
        using var fork = RequirePins(Open(), static database => database.Fork());
        try
        {
            using var read = fork.BeginRead();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        throw new PropertyFailedException("a fork is open whose base is closed");
    }

    /// <summary>A fork holds one pin, until it is closed.</summary>
    private static Database RequirePins(Database database, Func<Database, Database> open)
    {
        using (database)
        {
            open(database).Dispose();
            Require(Pins(database) == 0, "a fork that was closed holds its pin");
            var fork = open(database);
            Require(Pins(database) == 1, "a fork holds no pin");
            return fork;
        }
    }

    private static int Pins(Database database) => database.Core.LockFile.Readers.CollectOwnPins(new ulong[16]);

    private static Database Open() => EngineHost.OpenInMemory(new OperationProgram(256, []));

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new PropertyFailedException(what);
        }
    }
}
