using Engine.Storage;

namespace Engine.Transactions;

/// <summary>The context of a reader slot, which pins what it reads.</summary>
internal sealed class SlotReader(int pageSize, ReaderTable slots, int slot) : StateReader(pageSize)
{
    private string? _tag;
    private int _taggedEpoch;

    public int Slot => slot;

    /// <summary>What the transaction that it serves is for, if that was said.</summary>
    public string? Tag => Volatile.Read(ref _tag) is { } tag && _taggedEpoch == Volatile.Read(ref Epoch) ? tag : null;

    /// <summary>Says what the transaction is for that it serves. Whoever says nothing pays nothing.</summary>
    public void SetTag(string tag, int epoch)
    {
        _taggedEpoch = epoch;
        Volatile.Write(ref _tag, tag);
    }

    public override void End(int epoch)
    {
        if (TryEnd(epoch))
        {
            slots.Release(slot);
        }
    }
}
