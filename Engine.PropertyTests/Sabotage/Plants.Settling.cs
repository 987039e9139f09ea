namespace Engine.PropertyTests.Sabotage;

/// <content>The second meta of an orderly close, and what the lock file says of it.</content>
internal static partial class Plants
{
    private const string LockSessionFile = "Storage/LockFile.Session.cs";
    private const string SettleFile = "Transactions/DatabaseWriter.Settle.cs";

    private static IEnumerable<Plant> Settling =>
    [
        new(
            "not-settled-at-close",
            "Closing leaves the newest state in one meta, whose pages may decay into an older state.",
            13,
            Edit.Statement(CloseFile, "SettleIfPossible();", "_isSettled = true;")),
        new(
            "settled-under-the-same-id",
            "The second meta has the id of the first.",
            1,
            Edit.Statement(
                SettleFile,
                "Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);",
                "_nextId--; Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);")),
        new(
            "settled-before-the-flush-of-deferred-commits",
            "Closing gives deferred commits an ordered meta while their pages are not flushed.",
            1,
            Edit.Statement(
                CloseFile, "FlushDeferred();", "if (!IsAllDurable) { Reissue(_deferredMeta!); }")),
        new(
            "settled-into-the-slot-of-the-durable-meta",
            "The second meta is written over the first.",
            3,
            Edit.Statement(
                SettleFile,
                "Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);",
                "_durableSlot = 1 - _durableSlot; Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);")),
        new(
            "settled-with-an-older-state",
            "The second meta holds the empty trees of a new database.",
            1,
            Edit.Statement(
                SettleFile,
                "Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);",
                "Reissue(Meta.Initial(_core.PageSize));")),
        new(
            "settled-by-a-verified-meta",
            "The second meta claims the class of the first, so that recovery looks for pages under its id.",
            13,
            Edit.Expression(
                "Pages/Meta.cs", "CommitClass.Ordered", "CommitClass.Verified", after: "public Meta Reissue(")),
        new(
            "settled-after-poisoning",
            "A database whose flush failed is settled and closed as if nothing had happened.",
            10,
            Edit.Expression(SettleFile, "_poison is null", "true", after: "if (!_isSettled && "),
            Edit.Expression(CloseFile, "!_isFinished || _poison is not null", "false")),
        new(
            "closed-without-being-settled",
            "A file counts as closed in order although its second meta could not be written.",
            13,
            Edit.Expression(CloseFile, "_isSettled && _file.HasChanges", "_file.HasChanges"),
            Edit.Statement(CloseFile, "SettleIfPossible();", "")),
        new(
            "clean-mark-not-cleared",
            "Writing leaves the mark of the last orderly close where it is.",
            1,
            Edit.Statement(LockSessionFile, "Interlocked.Exchange(ref Flag(LockLayout.CleanMarkOffset), 0u);", ""),
            Edit.Statement(LockSessionFile, "Interlocked.Exchange(ref Closed, 0);", "")),
        new(
            "clean-mark-not-cleared-durably",
            "The mark of the last orderly close is cleared in memory, and comes back with the power.",
            1,
            Edit.Statement(LockSessionFile, "_region.Flush();", "")),
        new(
            "clean-mark-cleared-too-late",
            "The mark of the last orderly close is cleared when something has been written already.",
            1,
            Edit.Statement(
                "Transactions/SessionFile.cs",
                "BeginChanges();\n        file.Write(offset, source);",
                "file.Write(offset, source); BeginChanges();"),
            Edit.Statement(
                "Transactions/SessionFile.cs",
                "BeginChanges();\n        file.SetLength(length);",
                "file.SetLength(length); BeginChanges();"),
            Edit.Statement(CommitFile, "_file.BeginChanges();", "")),
        new(
            "clean-mark-not-cleared-by-deferred-commits",
            "A deferred commit that writes no page leaves the mark of the last orderly close, and its id is given "
            + "again.",
            12,
            Edit.Statement(CommitFile, "_file.BeginChanges();", "")),
        new(
            "clean-mark-ignored",
            "An orderly close is not told from a crash, so damage passes for a commit that was cut off.",
            13,
            Edit.Expression(RecoveredFile, "!last.WasClosed", "true")),
        new(
            "clean-mark-of-another-file",
            "What the lock file says of one database is believed of another in its place.",
            13,
            Edit.Expression(LockSessionFile, "IsPrivate || MarkedFile != fileId", "IsPrivate")),
        new(
            "closed-id-believed-of-a-later-session",
            "What the lock file says of an orderly close is believed of a file that somebody wrote to since.",
            13,
            Edit.Expression(RecoveredFile, "HighestId > last.ClosedId", "false")),
        new(
            "closed-id-handed-out-again",
            "An older copy in the place of a closed file hands out the ids that it lacks.",
            12,
            Edit.Expression(OpenFile, "Math.Max(highest, closed)", "highest")),
        new(
            "older-copy-not-reported",
            "An older copy in the place of a closed file is opened without a word.",
            13,
            Edit.Expression(RecoveredFile, "MakeReport([], last.ClosedId)", "null")),
        new(
            "closed-id-not-compared",
            "After an orderly close whatever is left counts as what was closed.",
            13,
            Edit.Expression(RecoveredFile, "Meta.Id == last.ClosedId || Meta.Id == last.ClosedId - 1", "true")),
        new(
            "lost-second-meta-not-reported",
            "A file that has lost one of its two metas is opened without a word.",
            13,
            Edit.Expression(RecoveredFile, "Meta.Id == last.ClosedId && IsSettled", "true")),
        new(
            "rejected-meta-not-reported",
            "A meta that was rejected after a crash is not reported.",
            13,
            Edit.Expression(RecoveredFile, "Rejected is null ? null : MakeReport([Rejected], null)", "null")),
        new(
            "durable-id-not-compared",
            "After the death of a process a state that is older than its newest durable one is taken.",
            13,
            Edit.Expression(RecoveredFile, "last.DurableId <= Meta.Id", "true")),
        new(
            "durable-id-of-another-boot",
            "What was published before the machine was started is taken for what is durable now.",
            1,
            Edit.Expression(LockSessionFile, "Boot == _region.BootId && Boot != Guid.Empty", "true")),
        new(
            "knowledge-lost-by-a-refusal",
            "An opening that is refused takes what the lock file knows with it, and the next one is not.",
            13,
            Edit.Statement(LockFileFile, "KeepFormerId();", "")),
    ];
}
