namespace Engine.Integrity;

/// <summary>
/// Checks a whole file against docs/format.md. It is written apart from the writer and shares no code with it, so that
/// one mistake cannot hide in both. What it finds it reports; it throws only when the file cannot be read at all, or
/// when it is cancelled. A page is read a few times at most, and memory is bounded by about a quarter of a byte per
/// page that the file really has. Several threads may prove that nothing is wrong (<see cref="CheckTeam"/>); if
/// something is, one thread walks alone to tell what.
/// </summary>
internal static class IntegrityCheck
{
    /// <summary>Checks one state of the file.</summary>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static IntegrityReport Run(
        IPageReader reader, IntegrityCheckOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new IntegrityCheckOptions();
        var threads = Parallelism.ThreadsOf(options.MaxDegreeOfParallelism);
        var problems = new ProblemList(options.MaximumProblems);
        var fileLength = reader.Length;
        Superblock? superblock = null;
        CheckSession? session = null;
        try
        {
            superblock = Superblock.Read(reader, fileLength, problems);
            if (superblock is not null)
            {
                var meta = Choose(reader, fileLength, superblock, problems, options, cancellation);
                if (meta is not null)
                {
                    // Everything that follows is bounded by the pages that the file has, not by those that the meta
                    // claims.
                    var geometry = new Geometry(
                        superblock.PageSize, Math.Min(meta.PageCount, PagesIn(fileLength, superblock)));
                    var progress = options.Progress is null ? null : new CheckProgress(options.Progress);
                    session = CheckTeam.TryProve(
                        threads,
                        (none, stop) => new CheckSession(reader, geometry, meta, none, progress, stop),
                        each => Check(each, options),
                        cancellation);
                    if (session is null)
                    {
                        session = new CheckSession(reader, geometry, meta, problems, progress, cancellation);
                        Check(session, options);
                    }
                }
            }
        }
        catch (DatabaseCorruptException exception)
        {
            // The reader is asked only for what lies within the length it gave.
            problems.Add(
                IntegrityRules.FileLength,
                FixedPlace.File,
                null,
                $"{fileLength} bytes throughout the check",
                exception.Message);
        }

        return new IntegrityReport
        {
            Problems = problems.Problems,
            ProblemCount = problems.Count,
            Notes = problems.Notes,
            FileLength = fileLength,
            PageSize = superblock?.PageSize ?? 0,
            MetaSlot = session?.Meta.Index,
            TransactionId = session?.Meta.Id ?? 0,
            PageCount = Amount.From(session?.Meta.PageCount ?? 0),
            LeafPages = Amount.From(session?.LeafPages ?? 0),
            BranchPages = Amount.From(session?.BranchPages ?? 0),
            OverflowPages = Amount.From(session?.OverflowPages ?? 0),
            LogPages = Amount.From(session?.LogPages ?? 0),
            ListPages = Amount.From(session?.ListPages ?? 0),
            FreePages = Amount.From(session?.FreePages ?? 0),
            LeakedPages = Amount.From(session?.LeakedPages ?? 0),
            Snapshots = Amount.From(session?.Snapshots ?? 0),
            SnapshotPages = Amount.From(session?.SnapshotPages ?? 0),
            Trees = Amount.From(session?.Trees ?? 0),
            Entries = Amount.From(session?.Entries ?? 0),
        };
    }

    private static MetaSlot? Choose(
        IPageReader reader,
        long fileLength,
        Superblock superblock,
        ProblemList problems,
        IntegrityCheckOptions options,
        CancellationToken cancellation)
    {
        Superblock.CheckReservedBlock(reader, problems);
        var choice = new MetaChoice(reader, fileLength, superblock, problems, cancellation);
        var meta = options.MetaId is { } id ? choice.Find(id) : choice.Choose();
        if (meta is null)
            return null;

        MetaCheck.CheckChosen(meta, problems);
        if (meta.PageCount > PagesIn(fileLength, superblock))
        {
            problems.Add(
                IntegrityRules.FileLength, FixedPlace.File, null,
                $"at least {meta.PageCount * (ulong)superblock.PageSize} bytes for {meta.PageCount} pages",
                $"{fileLength}");
        }

        return meta;
    }

    private static ulong PagesIn(long fileLength, Superblock superblock) =>
        (ulong)fileLength / (ulong)superblock.PageSize;

    private static void Check(CheckSession session, IntegrityCheckOptions options)
    {
        new SpaceLogCheck(session).Run();
        ListRunCheck.Run(session);

        var walk = new TreeWalk(session);
        var names = session.Meta.HasNames ? new NamesCheck(session, walk) : null;
        WalkState(session, walk, names);

        if (session.AllReached && session.FreeIsKnown)
            session.RunList?.CheckAllReached(session);
        PartitionCheck.Run(session, options.BorrowedPages);
        if (names is null)
            return;
        names.ComparePins();
        foreach (var entry in names.ListStates())
        {
            // Deleted since the names were read, or a consumer that has moved on: its pages may be anybody's by now.
            IDisposable? held = null;
            if (options.HoldSnapshot is { } hold && (held = hold(entry.Name, entry.Id)) is null)
                continue;
            using (held)
            {
                session.Enter(entry.Roots, names.PagesOf(entry));
                WalkState(session, walk, names: null);
            }
        }
    }

    private static void WalkState(CheckSession session, TreeWalk walk, NamesCheck? names)
    {
        var state = session.State;
        session.CountTree(walk.Walk(state.DefaultTree, holder: null, state.Id, TreeLabel.Default));
        new CatalogCheck(session, walk) { Names = names }.Run();
    }
}
