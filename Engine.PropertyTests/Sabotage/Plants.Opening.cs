namespace Engine.PropertyTests.Sabotage;

/// <content>Creation, the choice of the meta, recovery, closing.</content>
internal static partial class Plants
{
    private const string RecoveryFile = "Transactions/Recovery.cs";
    private const string VerificationFile = "Transactions/CommitVerification.cs";
    private const string CloseFile = "Transactions/DatabaseWriter.Close.cs";
    private const string OpenFile = "Transactions/DatabaseWriter.Open.cs";
    private const string RecoveredFile = "Transactions/RecoveredState.cs";
    private const string CreationFile = "Transactions/Creation.cs";

    private static IEnumerable<Plant> Opening =>
    [
        new(
            "creation-without-flush",
            "A new file is renamed before its contents are flushed.",
            1,
            Edit.Statement(CreationFile, "file.Flush();", "")),
        new(
            "directory-not-flushed",
            "The directory entry of a new file is not flushed, neither by creating it nor by opening it.",
            1,
            Edit.Statement(CreationFile, "storage.FlushDirectory();", ""),
            Edit.Statement(OpenFile, "core.Storage.FlushDirectory();", "")),
        new(
            "torn-meta-accepted",
            "A meta is read without its checksum.",
            1,
            Edit.Expression(
                RecoveryFile, "!Meta.HasRightChecksum(block)", "!block.AsSpan().ContainsAnyExcept((byte)0)")),
        new(
            "pages-not-verified",
            "A verified commit is believed without looking at its pages.",
            1,
            Edit.Expression(
                RecoveryFile,
                "CommitVerification.PagesMatch(file, meta, superblock.PageSize, out page)",
                "(page = null) is null")),
        new(
            "digest-not-compared",
            "Recovery does not compare the digest, so an older page of the same id passes.",
            1,
            Edit.Expression(VerificationFile, "digest.Finish() == meta.Digest", "true")),
        new(
            "page-checksums-not-compared",
            "Recovery believes the checksums in the headers of a verified commit's pages.",
            1,
            Edit.Expression(VerificationFile, "crc != stored", "false"),
            Edit.Statement(VerificationFile, "digest.Append(crc);", "digest.Append(stored);")),
        new(
            "older-meta-chosen",
            "Of two valid metas the older one is chosen.",
            1,
            Edit.Expression(
                RecoveryFile,
                "(slots[0].Meta?.Id ?? 0) >= (slots[1].Meta?.Id ?? 0)",
                "slots[1].Meta is null || (slots[0].Meta is { } a && a.Id < slots[1].Meta!.Id)")),
        new(
            "falls-back-too-far",
            "After a rejected meta the other one is taken, whatever the rejected one names as durable.",
            1,
            Edit.Expression(RecoveryFile, "durable.Id == meta.DurableId", "durable.Id > 0")),
        new(
            "nothing-written-again",
            "Recovery trusts the system's cache and writes nothing again.",
            5,
            Edit.Statement(OpenFile, "Recovery.WriteAgain(core.File, recovered);", "")),
        new(
            "pages-not-written-again",
            "Recovery writes the meta again, but not the pages that it lists.",
            5,
            Edit.Statement(RecoveryFile, "file.Write(offset, part);", "")),
        new(
            "meta-not-written-again",
            "Recovery writes the listed pages again, but not the meta.",
            5,
            Edit.Statement(RecoveryFile, "file.Write(Meta.SlotOffset(state.Slot), block);", "")),
        new(
            "recovery-without-flush",
            "Recovery builds on what it wrote again without flushing it.",
            5,
            Edit.Statement(
                RecoveryFile, "file.Flush();", "", after: "file.Write(Meta.SlotOffset(state.Slot), block);")),
        new(
            "new-id-without-flush",
            "Recovery serves the recovered state under its new id before that is durable.",
            3,
            Edit.Statement(
                RecoveryFile, "file.Flush();", "", after: "file.Write(Meta.SlotOffset(1 - state.Slot), block);")),
        new(
            "rejected-meta-kept",
            "A rejected meta is not replaced, and a later commit completes it.",
            1,
            Edit.Expression(
                OpenFile,
                "!isNew && !recovered.IsAsClosed",
                "recovered.Rejected is null && !isNew && !recovered.IsAsClosed"),
            Edit.Expression(
                RecoveredFile,
                "Math.Max(Chosen.Id ?? 0, Other.Id ?? 0)",
                "Math.Max(Chosen.Id ?? 0, Other.Id ?? 0) + (Rejected is null ? 0UL : 1 << 20)")),
        new(
            "cache-not-dropped",
            "What the system's cache shows after a failed flush is believed.",
            1,
            Edit.Statement(OpenFile, "core.File.DropCache();", "")),
        new(
            "mended-before-the-log-is-read",
            "Recovery writes to a file whose log it then cannot read, and which it refuses.",
            13,
            Edit.Statement(
                OpenFile,
                "RequireNonePinnedAbove(recovered.Meta.Id, pins.AsSpan(0, count), core.Name);",
                "RequireNonePinnedAbove(recovered.Meta.Id, pins.AsSpan(0, count), core.Name); "
                + "if (!isNew && !recovered.IsAsClosed) { Mend(core, recovered); }")),
        new(
            "id-used-again-after-a-crash",
            "The first id after a crash follows that of the chosen meta, though the crash hides others that were "
            + "shown.",
            12,
            Edit.Expression(OpenFile, "Math.Max(recovered.Meta.Id + reach, highest + 1)", "recovered.Meta.Id + 1")),
        new(
            "ids-of-deferred-commits-unbounded",
            "Deferred commits hand out more ids than the next session leaves out after a crash.",
            12,
            Edit.Expression(FlushSourceFile, "Published.Id - _durable.Id >= _options.IdReach - 2", "false")),
        new(
            "file-cut-too-short",
            "Closing cuts the file one page below the page count.",
            1,
            Edit.Expression(
                CloseFile,
                "(long)Published.PageCount * _core.PageSize",
                "((long)Published.PageCount - 1) * _core.PageSize",
                after: "var needed = ")),
        new(
            "deferred-lost-at-close",
            "Closing does not make deferred commits durable.",
            1,
            Edit.Statement(CloseFile, "FlushDeferred();", "")),
    ];
}
