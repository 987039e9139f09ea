using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>What named snapshots cost, found out beside whoever writes.</summary>
internal static class NamedUsage
{
    /// <summary>Reads the names of the newest durable state, and what each of them keeps alone.</summary>
    /// <returns>The names, and pages by the id of their state.</returns>
    public static (List<(string Name, byte[] Key, NamedState State)> Names, Dictionary<ulong, ulong> Alone) Measure(
        DatabaseCore core)
    {
        for (ulong missed = 0; ;)
        {
            var pin = core.Readers.BeginDurable();
            try
            {
                if (TryFindMeta(core, pin.State.Id) is { } meta)
                {
                    // The state is pinned, and so are the pages of its log.
                    return (core.Readers.ListNamed(pin), PinUsage.CountAlone(
                        meta, core.PageSize, PagesOf(core), PinsOf(core.LockFile.Readers, pin.Slot)));
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
            finally
            {
                pin.Release();
            }
        }
    }

    /// <summary>The meta of a state: not there any more if two newer ones were written meanwhile.</summary>
    private static Meta? TryFindMeta(DatabaseCore core, ulong id)
    {
        for (var slot = 0; slot < 2; slot++)
        {
            if (Recovery.ReadSlot(core.File, core.Superblock, slot, core.Name).Meta is { } meta && meta.Id == id)
            {
                return meta;
            }
        }

        return null;
    }

    private static LogPageSource PagesOf(DatabaseCore core)
    {
        var buffer = new byte[core.PageSize];
        return page =>
        {
            core.File.Read((long)page * core.PageSize, buffer);
            return buffer;
        };
    }

    private static ulong[] PinsOf(ReaderTable readers, int except) =>
    [
        .. readers.Describe()
            .Where(reader => reader.Slot != except && reader.TransactionId != 0)
            .Select(static reader => reader.TransactionId),
    ];
}
