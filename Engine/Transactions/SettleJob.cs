namespace Engine.Transactions;

/// <summary>Settles a database that has been idle. Nobody waits for it.</summary>
internal sealed class SettleJob(DatabaseWriter writer) : FlusherJob
{
    public override void Run() => writer.SettleIdle();
}
