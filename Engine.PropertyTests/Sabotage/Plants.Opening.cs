namespace Engine.PropertyTests.Sabotage;

/// <content>Creation, the choice of the meta, recovery, closing.</content>
internal static partial class Plants
{
    private const string RecoveryFile = "Transactions/Recovery.cs";
    private const string OpenFile = "Transactions/DatabaseCore.Open.cs";
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
            Edit.Statement(OpenFile, "_storage.FlushDirectory();", "")),
        new(
            "torn-meta-accepted",
            "A meta is read without its checksum.",
            1,
            Edit.Expression(RecoveryFile, "!Meta.HasRightChecksum(block)", "!block.AsSpan().ContainsAnyExcept((byte)0)")),
        new(
            "pages-not-verified",
            "A verified commit is believed without looking at its pages.",
            1,
            Edit.Expression(RecoveryFile, "PagesMatch(file, meta, superblock.PageSize)", "true")),
        new(
            "digest-not-compared",
            "Recovery does not compare the digest, so an older page of the same id passes.",
            1,
            Edit.Expression(RecoveryFile, "digest.Finish() == meta.Digest", "true")),
        new(
            "page-checksums-not-compared",
            "Recovery believes the checksums in the headers of a verified commit's pages.",
            1,
            Edit.Expression(RecoveryFile, "crc != stored", "false"),
            Edit.Statement(RecoveryFile, "digest.Append(crc);", "digest.Append(stored);")),
        new(
            "older-meta-chosen",
            "Of two valid metas the older one is chosen.",
            1,
            Edit.Expression(RecoveryFile, "(metas[0]?.Id ?? 0) >= (metas[1]?.Id ?? 0)", "metas[1] is null || (metas[0] is { } a && a.Id < metas[1]!.Id)")),
        new(
            "falls-back-too-far",
            "After a rejected meta the other one is taken, whatever the rejected one names as durable.",
            1,
            Edit.Expression(RecoveryFile, "durable.Id == meta.DurableId", "durable.Id > 0")),
        new(
            "nothing-written-again",
            "Recovery trusts the system's cache and writes nothing again.",
            5,
            Edit.Statement(RecoveryFile, "WriteAgain(file, state);", "")),
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
            "Recovery serves what it wrote again without flushing it.",
            5,
            Edit.Statement(RecoveryFile, "file.Flush();", "")),
        new(
            "rejected-meta-kept",
            "A rejected meta is not erased, and a later commit completes it.",
            1,
            Edit.Expression(RecoveryFile, "state.HasRejected", "false", after: "WriteAgain(file, state);\n        }")),
        new(
            "cache-not-dropped",
            "What the system's cache shows after a failed flush is believed.",
            1,
            Edit.Statement(OpenFile, "_file.DropCache();", "")),
        new(
            "id-of-rejected-meta-used-again",
            "The first id after opening follows that of the chosen meta, not the highest one.",
            1,
            Edit.Expression(OpenFile, "recovered.HighestId", "recovered.Meta.Id")),
        new(
            "file-cut-too-short",
            "Closing cuts the file one page below the page count.",
            1,
            Edit.Expression(
                "Transactions/DatabaseCore.Close.cs",
                "(long)_published.PageCount * PageSize",
                "((long)_published.PageCount - 1) * PageSize",
                after: "var needed = ")),
        new(
            "deferred-lost-at-close",
            "Closing does not make deferred commits durable.",
            1,
            Edit.Statement("Transactions/DatabaseCore.Close.cs", "FlushDeferred();", "")),
    ];
}
