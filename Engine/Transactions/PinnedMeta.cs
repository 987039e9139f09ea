using Engine.Pages;

namespace Engine.Transactions;

/// <summary>
/// The newest durable state, pinned, with its meta: for who reads the pages of the state beside whoever writes.
/// </summary>
/// <param name="Pin">The pin, to be released.</param>
/// <param name="Meta">The meta.</param>
/// <param name="Slot">The slot that had it.</param>
internal readonly record struct PinnedMeta(SharedPin Pin, Meta Meta, int Slot)
{
    /// <summary>Pins it.</summary>
    /// <exception cref="DatabaseCorruptException">The meta is not there any more.</exception>
    public static PinnedMeta Take(DatabaseCore core)
    {
        for (ulong missed = 0; ;)
        {
            var pin = core.Readers.BeginDurable();
            try
            {
                for (var slot = 0; slot < 2; slot++)
                {
                    if (Recovery.ReadSlot(core.File, core.Superblock, slot, core.Name).Meta is { } meta
                        && meta.Id == pin.State.Id)
                    {
                        return new PinnedMeta(pin, meta, slot);
                    }
                }

                if (pin.State.Id == missed)
                {
                    throw new DatabaseCorruptException(
                        $"The meta of transaction {missed}, the newest durable one, is not in '{core.Name}' any more. "
                        + "Close the database, run the integrity check and restore from a backup.");
                }

                // Two newer ones were written meanwhile, or it is damaged: then it is missing the next time, too.
                missed = pin.State.Id;
            }
            catch
            {
                pin.Release();
                throw;
            }

            pin.Release();
        }
    }
}
