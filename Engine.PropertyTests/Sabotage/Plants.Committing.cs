namespace Engine.PropertyTests.Sabotage;

/// <content>Flushes, their order, metas, publishing, failures.</content>
internal static partial class Plants
{
    private const string CommitFile = "Transactions/DatabaseWriter.Commit.cs";
    private const string FlushSourceFile = "Transactions/DatabaseWriter.Flush.cs";
    private const string PagesFile = "Transactions/WriteContext.Pages.cs";
    private const string EarlyFile = "Transactions/WriteContext.Early.cs";
    private const string WriterFile = "Transactions/CommitWriter.cs";

    private static IEnumerable<Plant> Committing =>
    [
        new(
            "verified-commit-without-flush",
            "A verified commit is reported durable without its one flush.",
            1,
            Edit.Statement(
                CommitFile,
                "FlushFile(\"The flush\");",
                "if (Meta.TryRead(_metaBlock, _core.Superblock)!.Class != CommitClass.Verified) { "
                + "FlushFile(\"The flush\"); }")),
        new(
            "ordered-commit-without-last-flush",
            "An ordered commit is reported durable before its meta is flushed.",
            1,
            Edit.Statement(
                CommitFile,
                "FlushFile(\"The flush\");",
                "if (Meta.TryRead(_metaBlock, _core.Superblock)!.Class != CommitClass.Ordered) { "
                + "FlushFile(\"The flush\"); }")),
        new(
            "ordered-commit-without-first-flush",
            "An ordered commit writes its meta without flushing the pages before.",
            1,
            Edit.Statement(CommitFile, "FlushFile(\"The flush of the pages\");", "")),
        new(
            "flush-before-pages",
            "An ordered commit flushes first and then writes the pages.",
            1,
            Edit.Statement(
                CommitFile,
                "_file.Presence.RequireReachable();",
                "_file.Presence.RequireReachable(); FlushFile(\"The early flush\");",
                after: "private Flight Seal("),
            Edit.Statement(CommitFile, "FlushFile(\"The flush of the pages\");", "")),
        new(
            "meta-before-pages",
            "An ordered commit writes and flushes its meta, and then its pages.",
            1,
            Edit.Statement(
                CommitFile,
                "pages.Write(space.PageCount, space.NewLogPages.Span, list);",
                "_plantedSpace = space; if (list.IsListed) { "
                + "pages.Write(space.PageCount, space.NewLogPages.Span, list); } "
                + "else { pages.PlantedFile.Prepare([], space.PageCount); }"),
            Edit.Addition(CommitFile, "private int _commitsSinceSweep;", "private SealedSpace _plantedSpace;"),
            Edit.Addition(
                WriterFile, "public ulong Count { get; private set; }", "public PageFile PlantedFile => _file;"),
            Edit.Statement(
                CommitFile,
                "block = Accept(context, state, meta, isDeferred);",
                "if (!isDeferred && meta.Class == CommitClass.Ordered) { meta.Write(_metaBlock, _core.Superblock); "
                + "WriteMetaDurably(); context.Pages.Write(_plantedSpace.PageCount, _plantedSpace.NewLogPages.Span, "
                + "default); FlushFile(\"The late flush\"); } block = Accept(context, state, meta, isDeferred);")),
        new(
            "deferred-flush-without-first-flush",
            "Flushing deferred commits writes the meta without flushing their pages before.",
            1,
            Edit.Statement(FlushSourceFile, "FlushFile(\"The flush of deferred commits\");", "")),
        new(
            "verified-on-top-of-deferred",
            "A commit on top of deferred ones is made a verified one, though nobody verifies their pages.",
            1,
            Edit.Expression(CommitFile, "IsAllDurable", "true", after: "mayBeVerified: !isDeferred && ")),
        new(
            "verified-with-unlisted-pages",
            "A commit with pages that were written early, in ways that are not followed, is made a verified one.",
            1,
            Edit.Expression(CommitFile, "!context.HasUnlistedPages", "true")),
        new(
            "early-value-not-listed",
            "A verified commit does not list a value that was written early.",
            1,
            Edit.Statement(EarlyFile, "_earlyRuns.Add(run.Page, run);", "")),
        new(
            "freed-early-value-listed",
            "A verified commit lists a value that was written early and overwritten since, whatever is there now.",
            1,
            Edit.Statement("Transactions/WriteContext.cs", "_earlyRuns.Remove(page);", "")),
        new(
            "early-values-listed-beside-savepoints",
            "A verified commit lists values that were written early after a savepoint, rolled back or not.",
            1,
            Edit.Expression(EarlyFile, "_savepoints.Count > 0", "false")),
        new(
            "savepoint-keeps-list-of-early-values",
            "A savepoint does not say that values which were written early may change behind the list's back.",
            1,
            Edit.Statement("Transactions/WriteContext.Savepoints.cs", "GiveListUp();", "")),
        new(
            "large-value-summed-in-part",
            "Of a large value that is written when it is put, the sum covers the first page alone.",
            1,
            Edit.Statement(
                "Transactions/CommitWriter.Early.cs",
                "crc = PageChecksum.AppendToRun(crc, page, isFirst: false);",
                "")),
        new(
            "large-value-over-itself",
            "The pages of a large value behind its first one are written over that one's place.",
            1,
            Edit.Expression("Transactions/CommitWriter.Early.cs", "number + 1", "number")),
        new(
            "values-written-together-not-listed",
            "A verified commit does not list values that were written together before it.",
            1,
            Edit.Statement(EarlyFile, "ListEarly(run);", "", after: "private void WriteManyValues()")),
        new(
            "values-written-together-beside-savepoints",
            "Values that a savepoint needs where they are go to the file with others.",
            14,
            Edit.Expression(EarlyFile, "_savepoints.Count == 0", "true")),
        new(
            "values-written-together-over-each-other",
            "Of values that lie together in the file, only the first one's pages are written, as often as there are.",
            1,
            Edit.Statement(
                "Transactions/CommitWriter.Early.cs",
                "_file.Write(first.Page, first.Number, pages, PageFile.MaxValuesBytes);",
                "for (ulong done = 0; done < pages; done += first.Pages) { "
                + "_file.Write(first.Page, first.Number + done, Math.Min(first.Pages, pages - done)); }")),
        new(
            "publish-before-durability",
            "Readers see a commit before its meta is written.",
            5,
            Edit.Statement(
                CommitFile,
                "WriteMetaDurably();",
                "_core.Publish(flight.State); WriteMetaDurably();",
                after: "FlushFile(\"The flush of the pages\");")),
        new(
            "wrong-slot",
            "The meta is written over the durable one.",
            3,
            Edit.Expression(CommitFile, "1 - _durableSlot", "_durableSlot", after: "_file.Write(Meta.SlotOffset(")),
        new(
            "slot-not-changed",
            "After a commit the wrong slot is taken for the durable one.",
            3,
            Edit.Statement(FlushSourceFile, "_durableSlot = 1 - _durableSlot;", "")),
        new(
            "names-itself-durable",
            "A meta names itself as the durable one, so a rejected one leads nowhere.",
            1,
            Edit.Expression(CommitFile, "_durable.Id", "_context.TransactionId", after: "DurableId = ")),
        new(
            "retried-flush",
            "A failed flush is tried again, and the second success is believed.",
            10,
            Edit.Statement(
                CommitFile,
                "_file.Flush();",
                "try { _file.Flush(); } catch (StorageWriteException) { _file.Flush(); }")),
        new(
            "failed-flush-ignored",
            "A failed flush is swallowed.",
            10,
            Edit.Statement(CommitFile, "_file.Flush();", "try { _file.Flush(); } catch (StorageWriteException) { }")),
        new(
            "failed-flush-does-not-poison",
            "A failed flush is reported, but the database goes on.",
            10,
            Edit.Statement(CommitFile, "throw Poison(e, what);", "throw new DatabaseException(e.Message, e);")),
        new(
            "failed-meta-does-not-poison",
            "A failed write of the meta is taken for a transaction that can be aborted.",
            10,
            Edit.Statement(
                CommitFile,
                "throw Poison(e, \"Writing the meta\");",
                "throw new DatabaseFullException(e.Message, e);")),
        new(
            "failed-page-write-ignored",
            "A failed or short write of a page is swallowed.",
            1,
            Edit.Statement(
                "Transactions/PageFile.cs",
                "file.Write(position + offset, first.BytesFrom(offset, (int)Math.Min(maxBytes, bytes - offset)));",
                "try { file.Write(position + offset, first.BytesFrom(offset, (int)Math.Min(MaxWriteBytes, bytes - "
                + "offset))); } catch (StorageWriteException) { }"),
            Edit.Statement(
                "Transactions/PageFile.cs",
                "file.Write(writes, pieces);",
                "try { file.Write(writes, pieces); } catch (StorageWriteException) { }")),
        new(
            "last-page-not-written",
            "Of pages that are written together the last one is left out.",
            1,
            Edit.Expression(
                WriterFile,
                "i < to",
                "i < to - 1",
                after: "var (start, held) = (first.Page, 0);")),
        new(
            "flush-of-deferred-does-nothing",
            "Flush takes deferred commits for durable.",
            1,
            Edit.Expression(FlushSourceFile, "ReferenceEquals(Published, Volatile.Read(ref _durable))", "true")),
        new(
            "empty-commit-leaves-deferred",
            "A durable commit without changes is acknowledged while what it saw is only deferred.",
            5,
            Edit.Statement(GroupFile, "FlushDeferred();", "", after: "private ulong? TryEndUnchanged(")),
        new(
            "flush-mark-not-set",
            "The lock file is not marked before a flush, so a reader trusts the cache after a failed one.",
            5,
            Edit.Statement(CommitFile, "_lock.FlushMark = true;", "")),
        new(
            "catalog-root-stale",
            "The meta holds the catalog's record from before the transaction.",
            1,
            Edit.Expression(
                CommitFile,
                "context.Catalog.PlausibleRecord(space.PageCount)",
                "Published.Catalog",
                after: "Catalog = ")),
        new(
            "tree-records-not-patched",
            "Named trees' records in the catalog keep the roots from before the pages had numbers.",
            1,
            Edit.Statement(CommitFile, "context.WriteRecords();", "", after: "context.SumTrees();")),
        new(
            "tree-ids-used-again",
            "The meta's next tree id does not advance.",
            2,
            Edit.Expression(CommitFile, "context.NextTreeId", "Published.NextTreeId", after: "NextTreeId = ")),
        new(
            "named-trees-stale",
            "Readers go on with the named trees of the state before.",
            4,
            Edit.Expression(PagesFile, "Catalog.IsChanged ? TransactionId : _base.CatalogId", "_base.CatalogId")),
        new(
            "named-trees-too-new",
            "A snapshot takes the tree that its handle remembers of a later state.",
            4,
            Edit.Expression(
                "Transactions/StateReader.cs",
                "entry.CatalogId == state.CatalogId",
                "entry.CatalogId >= state.CatalogId")),
        new(
            "handles-told-of-no-change",
            "The handle of a tree that a commit changed is told that what it remembers is still right.",
            4,
            Edit.Statement(
                "Transactions/WriteContext.Names.cs",
                "tree.Name.Remember(committed);",
                "tree.Name.Remember("
                + "NextCatalogId, tree.Name.Entry!.Exists, tree.Name.Entry.Record, tree.Attributes);")),
        new(
            "verified-not-forgotten",
            "What was verified on a page still counts after it was written to.",
            4,
            Edit.Statement("Transactions/PageFile.cs", "verified.Forget(run.Page, run.Pages);", "")),
    ];
}
