namespace Engine.PropertyTests.Sabotage;

/// <content>Pins, pending and reusable pages, the space log.</content>
internal static partial class Plants
{
    private const string ManagerFile = "Space/SpaceManager.cs";
    private const string SealFile = "Space/SpaceManager.Seal.cs";
    private const string EntriesFile = "Space/TransactionEntries.cs";
    private const string CondensedFile = "Space/CondensedLog.cs";
    private const string PendingFile = "Space/PendingPages.cs";
    private const string LogFile = "Space/SpaceLog.cs";

    private static IEnumerable<Plant> Space =>
    [
        new(
            "durable-state-not-pinned",
            "The newest durable state is not pinned while deferred commits follow it.",
            3,
            Edit.Expression(
                CommitFile, "Volatile.Read(ref _durable).Id", "Published.Id", after: "private void ReleasePins()")),
        new(
            "readers-not-pinned",
            "Pins of readers are left out.",
            3,
            Edit.Expression(CommitFile, "_pins.AsSpan(0, count + 4)", "_pins.AsSpan(count, 4)")),
        new(
            "room-made-without-flush",
            "On a full disk the deferred commits are taken for durable without a flush, so that the pages of the "
            + "durable state can be used.",
            3,
            Edit.Statement(
                FlushSourceFile,
                "FlushDeferred();",
                "if (!IsAllDurable) { SetDurable(Published); }",
                after: "var before = _space.VisiblePages;")),
        new(
            "numbers-not-taken-back",
            "When a commit is tried again after room was made, the default tree's root keeps the number that it had.",
            1,
            Edit.Statement(PagesFile, "TakeNumbersBack(ref Main.Record, references);", "")),
        new(
            "settled-state-not-pinned",
            "The state that was settled is not pinned under its new id.",
            3,
            Edit.Statement(SettleFile, "_space.AddPin(meta.Id);", "")),
        new(
            "reissued-state-not-pinned",
            "The recovered state is not pinned under its new id.",
            3,
            Edit.Statement(OpenFile, "space.AddPin(meta.Id);", "")),
        new(
            "published-state-not-pinned",
            "A commit's own id is not pinned when it is published.",
            3,
            Edit.Statement(ManagerFile, "_pending.Pins.Add(_transaction);", "")),
        new(
            "reused-one-pin-too-early",
            "When a pin is released, a page born in the very transaction of the next older pin is given free.",
            3,
            Edit.Expression(PendingFile, "entry.Birth <= older.Id", "entry.Birth < older.Id")),
        new(
            "kept-one-transaction-too-long",
            "When a pin is released, a page born just after the next older pin goes on waiting.",
            7,
            Edit.Expression(PendingFile, "entry.Birth <= older.Id", "entry.Birth <= older.Id + 1")),
        new(
            "birth-bound-too-low",
            "A freed page born in the very transaction of the newest pin is reusable at once.",
            3,
            Edit.Expression(PendingFile, "birth > pin.Id", "birth >= pin.Id")),
        new(
            "freed-bound-too-low",
            "Freed pages are taken for freed one transaction earlier, so the newest pin does not hold them.",
            3,
            Edit.Expression(
                ManagerFile, "_transaction", "_transaction - 1", after: "_pending.Add(plan.Entries.Frees, ")),
        new(
            "pages-of-the-last-commit-taken-for-own",
            "A page that the commit before wrote can be taken again at once, like one of the running transaction.",
            3,
            Edit.Expression(ManagerFile, "birth == _transaction", "birth + 1 >= _transaction")),
        new(
            "bucket-exchanged-too-often",
            "Exchanging the buckets of two pins does not look whether the older pin holds everything.",
            7,
            Edit.Expression("Space/Pin.cs", "_newestBirth <= older.Id && Count > older.Count", "Count > older.Count")),
        new(
            "bucket-dropped",
            "What waits for a released pin and is held by an older one is forgotten.",
            7,
            Edit.Statement(PendingFile, "older.Add(entry);", "")),
        new(
            "abort-keeps-frees",
            "After an abort the pages that the transaction freed are still taken for free.",
            2,
            Edit.Statement(ManagerFile, "_logged.Remove(_frees[i].Pages);", "")),
        new(
            "abort-keeps-takes",
            "After an abort the pages that the transaction took are not given back.",
            2,
            Edit.Statement(ManagerFile, "_free.Add(pages);", "", after: "case SpaceChangeKind.Take:")),
        new(
            "abort-keeps-log",
            "After an abort the log still has the entries of the transaction.",
            2,
            Edit.Statement(ManagerFile, "_log.Restore();", "")),
        new(
            "page-count-lowered-without-log",
            "The page count is lowered while the log still names the pages that were cut off.",
            2,
            Edit.Expression(SealFile, "isCut", "false", after: "var writing = ")),
        new(
            "cut-too-long",
            "One page more than the free tail is cut off.",
            3,
            Edit.Expression(
                SealFile,
                "_free.CountRunBelow(_pageCount, visibleOnly: false)",
                "_free.CountRunBelow(_pageCount, visibleOnly: false) + 1")),
        new(
            "frees-not-logged",
            "The pages that a commit freed are not in the log.",
            2,
            Edit.Statement(EntriesFile, "sink.Free(entry.Pages, entry.Birth);", "")),
        new(
            "takes-not-logged",
            "The pages that a commit took are not in the log.",
            2,
            Edit.Statement(EntriesFile, "sink.Allocate(extent);", "")),
        new(
            "births-not-logged",
            "Freed pages are logged as if no snapshot could hold them.",
            2,
            Edit.Statement(
                EntriesFile, "sink.Free(entry.Pages, entry.Birth);", "sink.Free(entry.Pages, _transaction);")),
        new(
            "births-logged-too-late",
            "Freed pages are logged as one transaction younger than they are.",
            2,
            Edit.Statement(
                EntriesFile,
                "sink.Free(entry.Pages, entry.Birth);",
                "sink.Free(entry.Pages, Math.Min(_transaction, entry.Birth + 1));")),
        new(
            "group-not-logged",
            "The entries of a commit do not say which transaction they belong to.",
            2,
            Edit.Statement(EntriesFile, "sink.Group(_transaction);", "")),
        new(
            "moved-entries-in-the-wrong-group",
            "Entries that move into a log page count as those of the commit that moves them.",
            7,
            Edit.Statement(SealFile, "packer.Group(entry.Transaction);", "packer.Group(_transaction);")),
        new(
            "moved-frees-lost",
            "Entries about freed pages are lost when they move into a log page.",
            2,
            Edit.Statement(SealFile, "packer.Free(entry.Pages, entry.Birth);", "")),
        new(
            "log-chain-dropped",
            "A new log page does not name the one before.",
            2,
            Edit.Statement(
                LogFile,
                "_current.NewestPage = page;",
                "_current.NewestPage = page; _current.Chain.RemoveRange(0, _current.Chain.Count - 1);")),
        new(
            "log-page-checksum-stale",
            "The meta holds the checksum of the log page before the newest one.",
            1,
            Edit.Statement(LogFile, "_current.NewestCrc = crc;", "")),
        new(
            "condensing-forgets-waiting",
            "A condensed log lacks the pages that wait for pins.",
            2,
            Edit.Statement(
                CondensedFile, "sink.Free(entry.Pages, entry.Birth);", "", after: "sink.Group(pin.Id + 1);")),
        new(
            "condensing-forgets-reusable",
            "A condensed log lacks reusable pages that stand alone.",
            2,
            Edit.Statement(
                CondensedFile,
                "sink.Free(new Extent(start, page - start), transaction);",
                "if (page - start > 1) { sink.Free(new Extent(start, page - start), transaction); }")),
        new(
            "condensing-forgets-the-chain",
            "The pages of the former log are not given free when it is condensed.",
            2,
            Edit.Statement(SealFile, "_loggedFrees.Add(new PendingExtent(extent, page.Birth));", "")),
        new(
            "condensing-gives-log-pages-birth-one",
            "The pages of the former log count as born in transaction 1 when it is condensed.",
            7,
            Edit.Statement(
                SealFile,
                "_loggedFrees.Add(new PendingExtent(extent, page.Birth));",
                "_loggedFrees.Add(new PendingExtent(extent, 1));")),
        new(
            "condensing-in-the-wrong-group",
            "In a condensed log what waits for a pin counts as freed in the commit that condenses.",
            7,
            Edit.Statement(CondensedFile, "sink.Group(pin.Id + 1);", "sink.Group(transaction);")),
        new(
            "replay-ignores-takes",
            "Reading the log at open does not take the allocated pages out of the free ones.",
            3,
            Edit.Statement("Space/LogReplay.cs", "_free.Remove(entry.Pages);", "")),
    ];
}
