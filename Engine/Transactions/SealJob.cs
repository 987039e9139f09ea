namespace Engine.Transactions;

/// <summary>Commits what was committed to memory while a flush was under way.</summary>
internal sealed class SealJob(DatabaseWriter writer) : FlusherJob
{
    public override void Run() => writer.FlyGroup();
}
