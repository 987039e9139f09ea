namespace Engine.Transactions;

/// <summary>The context of a read transaction on a snapshot object, whose pin it shares.</summary>
internal sealed class SnapshotReader(int pageSize, SharedPin pin) : StateReader(pageSize)
{
    public override void End(int epoch)
    {
        if (TryEnd(epoch))
        {
            pin.EndRead(this);
        }
    }
}
