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
        // The state is pinned, and so are the pages of its log.
        var (pin, meta, _) = PinnedMeta.Take(core);
        try
        {
            return (core.Readers.ListNamed(pin), PinUsage.CountAlone(
                meta, core.PageSize, PagesOf(core), PinsOf(core.LockFile.Readers, pin.Slot)));
        }
        finally
        {
            pin.Release();
        }
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
