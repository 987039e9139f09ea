using Engine.Storage;

namespace Engine.Transactions;

/// <summary>The context of a reader slot, which pins what it reads.</summary>
internal sealed class SlotReader(int pageSize, ReaderTable slots, int slot) : StateReader(pageSize)
{
    public override void End(int epoch)
    {
        if (TryEnd(epoch))
        {
            slots.Release(slot);
        }
    }
}
