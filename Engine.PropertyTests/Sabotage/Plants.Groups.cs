namespace Engine.PropertyTests.Sabotage;

/// <content>Transactions that share a commit, and those that run on top of one that is under way.</content>
internal static partial class Plants
{
    private const string GroupFile = "Transactions/DatabaseWriter.Group.cs";
    private const string BoardingFile = "Transactions/DatabaseWriter.Boarding.cs";
    private const string BehindFile = "Transactions/WriteContext.Behind.cs";

    private static IEnumerable<Plant> Groups =>
    [
        new(
            "group-told-before-the-flush",
            "Those who share a commit are told of it when its pages are written.",
            1,
            Edit.Statement(
                GroupFile,
                "flush = Land(flight, isDeferred);",
                "group.Complete(id); flush = Land(flight, isDeferred);",
                after: "private ulong Fly(")),
        new(
            "flight-shown-when-it-departs",
            "Readers see a durable commit as soon as others can build on it.",
            5,
            Edit.Expression(
                GroupFile,
                "isDeferred",
                "true",
                after: "private void Show(in Flight flight, CommitGroup group, bool isDeferred)")),
        new(
            "gate-opened-before-the-pages-are-written",
            "The next transaction begins while the pages of the commit before it are being written.",
            3,
            Edit.Expression(
                GroupFile,
                "Seal(_context, isDeferred, cancellationToken)",
                "PlantedSeal(isDeferred, cancellationToken)"),
            Edit.Addition(
                GroupFile,
                "private CommitGroup? _spareGroup;",
                "private Flight PlantedSeal(bool isDeferred, CancellationToken cancellationToken) { _gate.Exit(); "
                + "try { return Seal(_context, isDeferred, cancellationToken); } finally { _gate.TryEnter(); } }")),
        new(
            "member-not-rolled-back",
            "A transaction that is aborted leaves its changes to those that it would have shared a commit with.",
            14,
            Edit.Statement("Transactions/WriteContext.Members.cs", "RollBackTo(_member);", "")),
        new(
            "failed-group-told-of-success",
            "Those who share a commit that failed are told that it is durable.",
            1,
            Edit.Statement(GroupFile, "group?.Fail(failure);", "group?.Complete(0);")),
        new(
            "group-on-a-failed-flight-not-told",
            "Those who built on a commit that failed wait for ever.",
            10,
            Edit.Statement(GroupFile, "next?.Fail(failure);", "")),
        new(
            "group-on-a-failed-flight-told-of-success",
            "Those who built on a commit that failed are told that theirs is durable.",
            10,
            Edit.Statement(GroupFile, "next?.Fail(failure);", "next?.Complete(0);")),
        new(
            "shown-state-not-pinned-beside-the-flight",
            "While a commit is under way the pages of the state that readers see and recovery finds are taken.",
            3,
            Edit.Expression(CommitFile, "Published.Id", "_core.Newest.Id", after: "private void ReleasePins()"),
            Edit.Expression(
                CommitFile, "Volatile.Read(ref _durable).Id", "_core.Newest.Id", after: "private void ReleasePins()")),
        new(
            "begun-below-the-flight",
            "A transaction that begins while a commit is under way begins on the state before it.",
            1,
            Edit.Expression("Transactions/DatabaseWriter.cs", "_core.Newest", "_core.Published")),
        new(
            "weakest-promise-wins",
            "A commit that is shared is deferred if it need not be durable for the first.",
            1,
            Edit.Statement("Transactions/CommitGroup.cs", "IsDeferred &= isDeferred;", "IsDeferred |= isDeferred;")),
        new(
            "unchanged-commit-does-not-wait",
            "A durable commit without changes is acknowledged while what it saw is in flight.",
            5,
            Edit.Expression(GroupFile, "seen is not null", "seen == null && seen != null")),
        new(
            "id-not-moved",
            "Those who build on a commit that is under way get its id.",
            12,
            Edit.Statement(
                CommitFile, "_nextId = NextTransactionId(state.Id, Name);", "", after: "private byte[] Accept(")),
        new(
            "replaced-pages-not-logged",
            "Of pages that are committed for others and changed again by the transaction that is open, the former ones "
            + "are never free.",
            7,
            Edit.Statement(SpacePointFile, "Free(new Extent(page, pages), birth);", "")),
        new(
            "frees-of-the-open-transaction-lost",
            "What the open transaction had given up when those before it were committed is never free.",
            7,
            Edit.Statement(SpacePointFile, "Free(pages, born);", "")),
        new(
            "tree-of-the-open-transaction-committed",
            "Those before an open transaction are committed with its roots and counts.",
            1,
            Edit.Statement(
                BehindFile,
                "copy.RollBackTo(image.Tree is null ? tree.Image : image);",
                "copy.RollBackTo(tree.Image);")),
        new(
            "rename-of-the-open-transaction-committed",
            "Those before an open transaction are committed with what its names mean.",
            1,
            Edit.Expression(BehindFile, "image.Name is null", "true")),
        new(
            "page-of-the-open-transaction-committed",
            "Those before an open transaction are committed with its changes of their pages.",
            1,
            Edit.Expression(DirtyFile, "image.Index < mark.Count", "false", after: "public void CopyFrom(")),
        new(
            "open-transaction-keeps-its-id",
            "A transaction that goes on after those before it were committed keeps the id that they have got.",
            12,
            Edit.Statement(BehindFile, "TransactionId = transactionId;", "", after: "public void GoOn(")),
        new(
            "open-transaction-keeps-its-catalog",
            "A transaction that goes on after those before it were committed keeps the catalog from before them.",
            1,
            Edit.Statement(BehindFile, "Catalog.Reset(state.Catalog);", "")),
        new(
            "boarded-meta-written-at-once",
            "The meta of a group that is sealed while a commit is under way is written when its pages are.",
            3,
            Edit.Statement(
                BoardingFile,
                "_boarded = boarded;",
                "_file.Write(Meta.SlotOffset(1 - _durableSlot), flight.MetaBlock); "
                + "_boarded = boarded;")),
        new(
            "state-ahead-not-pinned",
            "A commit that another one is sealed on top of while it is flushed loses pages to that one or the next.",
            3,
            Edit.Statement(
                CommitFile, "_pins[count + 2] = _core.LandingAfter(published);", "_pins[count + 2] = published;")),
        new(
            "boarded-meta-names-the-former-state",
            "A group that is sealed while a commit is under way names as durable the state that was so then.",
            1,
            Edit.Expression(BoardingFile, "ahead", "0UL", after: "WritePages(_context, mayBeVerified: true, ")),
        new(
            "boarded-not-failed",
            "A group that was sealed on top of a commit that failed waits for ever.",
            10,
            Edit.Statement(GroupFile, "boarded?.Fail(failure);", "")),
        new(
            "boarded-told-of-success",
            "A group that was sealed on top of a commit that failed is told that it is durable.",
            10,
            Edit.Statement(GroupFile, "boarded?.Fail(failure);", "boarded?.Complete(0);")),
        new(
            "boarded-never-departs",
            "A group that is sealed while a commit is under way is forgotten when that one has landed.",
            16,
            Edit.Expression(GroupFile, "_group.Count == 0 && _boarded is null", "_group.Count == 0")),
        new(
            "unchanged-commit-waits-for-the-flight-ahead",
            "A commit without changes that saw a sealed group is acknowledged with the commit before it.",
            5,
            Edit.Expression(GroupFile, "_boarded?.Group ?? _flight", "_flight")),
        new(
            "boarded-lands-unflushed",
            "A group that was sealed while a commit was under way is told of its own when that one has landed.",
            1,
            Edit.Statement(
                BoardingFile,
                "flush = Land(flight, isDeferred: false);",
                "flush = default; _core.Publish(flight.State);")),
        new(
            "numbers-of-a-refused-group-kept",
            "A group that could not be written while a commit was under way keeps the page numbers that it had got.",
            2,
            Edit.Statement(BoardingFile, "_context.TakeNumbersBack();", "")),
        new(
            "catalog-of-a-refused-group-lost",
            "A transaction that goes on after those before it were committed loses the catalog's pages if they were to "
            + "be sealed early before.",
            1,
            Edit.Expression(BehindFile, "!Catalog.IsChanged", "true")),
        new(
            "metas-share-a-block",
            "The meta of a commit under way is replaced by that of the group which is sealed on top of it.",
            1,
            Edit.Expression(
                CommitFile,
                "Interlocked.Exchange(ref _spareBlock, null) ?? new byte[PageLayout.BlockSize]",
                "_metaBlock")),
    ];
}
