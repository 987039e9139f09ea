using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// The whole log in its shortest form: the pages that wait, the reusable ones, and what the transaction freed.
/// </summary>
internal readonly struct CondensedLog
{
    private readonly FreeMap _free;
    private readonly BranchZone _zone;
    private readonly PendingPages _pending;

    /// <param name="free">The reusable pages.</param>
    /// <param name="zone">Those of them that searches do not see.</param>
    /// <param name="pending">The pages that wait for pins.</param>
    public CondensedLog(FreeMap free, BranchZone zone, PendingPages pending)
    {
        _free = free;
        _zone = zone;
        _pending = pending;
    }

    /// <summary>Gives every entry to a sink.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="entries">
    /// Those of the transaction that condenses the log; what it freed includes the pages of the former chain.
    /// </param>
    public void Emit<TSink>(ref TSink sink, in TransactionEntries entries)
        where TSink : struct, ILogSink
    {
        var transaction = entries.Transaction;
        // No snapshot above the pin of a bucket will ever hold its pages, so they might as well have been freed just
        // above it.
        foreach (var pin in _pending.Pins.Pins)
        {
            sink.Group(pin.Id + 1);
            foreach (var entry in pin.Entries)
            {
                sink.Free(entry.Pages, entry.Birth);
            }
        }

        // What is reusable now is held by no pin, and old pins never come back: a difference of 0.
        sink.Group(transaction);
        for (ulong page = 0; _free.TryFindRun(page, 1, out var start);)
        {
            page = _free.FindRunEnd(start);
            sink.Free(new Extent(start, page - start), transaction);
        }

        foreach (var word in _zone.Words)
        {
            var rest = new Extent((ulong)word * BranchZone.ExtentPages, BranchZone.ExtentPages);
            while (_free.TryFindAny(rest, out var run))
            {
                sink.Free(run, transaction);
                rest = new Extent(run.End, rest.End - run.End);
            }
        }

        foreach (var entry in entries.Frees)
        {
            sink.Free(entry.Pages, entry.Birth);
        }

        foreach (var pin in _pending.Pins.Names == 0 ? [] : _pending.Pins.Pins)
        {
            for (var i = 0; i < pin.Names; i++)
            {
                sink.Name(LogTag.Pin, pin.Id);
            }
        }

        entries.EmitNames(ref sink);
    }

    /// <summary>At most so many bytes are in it, without looking at every run.</summary>
    /// <param name="transaction">The transaction that condenses the log.</param>
    /// <param name="frees">How many extents it frees, those of the former chain included.</param>
    /// <param name="pageCount">The page count.</param>
    /// <param name="names">How many named snapshots it makes and takes away.</param>
    public long BoundBytes(ulong transaction, int frees, ulong pageCount, int names)
    {
        var runs = (long)_free.RunCount + (2 * _zone.Words.Count);
        var waiting = (long)_pending.EntryCount + frees;
        var start = Leb128.Length(pageCount);

        // An extent's length takes one byte more for 128 pages, and never more than five.
        var lengths = Math.Min((long)(_free.Count + _pending.PageCount) / 128, 4 * (runs + waiting));
        var groups = (_pending.Pins.Pins.Length + 1) * (long)LogEncoding.GroupLength(transaction);
        var entry = start + 2 + Leb128.Length(transaction);
        var named = (_pending.Pins.Names + names) * (long)LogEncoding.NameLength(transaction);
        return (runs * (start + 3)) + (waiting * entry) + lengths + groups + named;
    }
}
