using Engine.Integrity;
using Engine.Pages;
using Engine.Storage;
using Superblock = Engine.Pages.Superblock;

namespace Engine.Backups;

/// <summary>
/// Makes a database file of the pages of a state, each of which keeps its number. The file is a database of its own,
/// with a new file id and one meta, which is ordered and names itself as durable (docs/format.md section 3). What it
/// has been given is not believed: all that the state reaches is checked by the integrity check, which also tells what
/// is free.
/// </summary>
internal sealed class RestoredFile
{
    private readonly IStorageFile _file;
    private readonly BackupState _state;
    private readonly int _threads;
    private readonly CancellationToken _cancellation;
    private readonly ProblemList _problems = new(1);
    private readonly Superblock _superblock;

    /// <param name="file">The file, with all pages of the state.</param>
    /// <param name="state">The state.</param>
    /// <param name="threads">How many threads check the trees.</param>
    /// <param name="cancellation">Ends the checks.</param>
    public RestoredFile(IStorageFile file, BackupState state, int threads, CancellationToken cancellation)
    {
        _file = file;
        _state = state;
        _threads = threads;
        _cancellation = cancellation;
        _superblock = new Superblock(state.PageSize, Guid.NewGuid());
    }

    /// <summary>Completes the file, checks it and makes it durable.</summary>
    /// <param name="links">What it was made from.</param>
    /// <exception cref="BackupException">The state is not whole.</exception>
    public RestoreReport Complete(IReadOnlyList<BackupInfo> links)
    {
        _file.SetLength(Math.Max((long)_state.PageCount * _state.PageSize, PageLayout.ReservedBytes));
        var meta = new Meta
        {
            Id = _state.Id,
            DurableId = _state.Id,
            PageCount = _state.PageCount,
            Class = CommitClass.Ordered,
            Main = _state.Main,
            Catalog = _state.Catalog,
            NextTreeId = _state.NextTreeId,
        };
        _file.Write(0, _superblock.ToBytes());
        Write(meta);
        var trees = CheckTrees();
        Write(new FreeSpaceLog(trees.Used, _state).Write(_file, meta));
        var freePages = CheckSpace(trees);
        _file.Flush();
        return new RestoreReport
        {
            Links = links,
            FileId = _superblock.FileId,
            TransactionId = _state.Id,
            PageCount = Amount.From(_state.PageCount),
            FreePages = Amount.From(freePages),
            Trees = Amount.From(trees.Trees),
            Entries = Amount.From(trees.Entries),
        };
    }

    private void Write(Meta meta)
    {
        var block = new byte[PageLayout.BlockSize];
        meta.Write(block, _superblock);
        _file.Write(Meta.SlotOffset(0), block);
    }

    /// <summary>Checks all pages of all trees, and finds out which pages those are.</summary>
    private CheckSession CheckTrees()
    {
        if (CheckTeam.TryProve(_threads, BeginCheck, Check, _cancellation) is { } proven)
            return proven;
        var session = BeginCheck(_problems, _cancellation);
        Check(session);
        RequireNone();
        return session;

        static void Check(CheckSession session)
        {
            var walk = new TreeWalk(session);
            session.Trees = 1;
            session.Entries = walk.Walk(session.Meta.DefaultTree, holder: null, session.Meta.Id, TreeLabel.Default);
            new CatalogCheck(session, walk).Run();
        }
    }

    /// <summary>
    /// Checks that the space log tells of all other pages, and of no more. The trees are not read again.
    /// </summary>
    /// <returns>How many pages are free.</returns>
    private ulong CheckSpace(CheckSession trees)
    {
        var session = BeginCheck(_problems, _cancellation);
        new SpaceLogCheck(session).Run();
        for (var page = trees.Used.Next(0, _state.PageCount, value: true); page < _state.PageCount;)
        {
            var end = trees.Used.Next(page, _state.PageCount, value: false);
            session.Claim(FixedPlace.File, page, end - page);
            page = trees.Used.Next(end, _state.PageCount, value: true);
        }

        PartitionCheck.Run(session);
        RequireNone();
        return session.FreePages;
    }

    private CheckSession BeginCheck(ProblemList problems, CancellationToken cancellation)
    {
        var reader = new StorageFileReader(_file);
        var superblock = Integrity.Superblock.Read(reader, reader.Length, problems);
        var meta = superblock is null
            ? null
            : new MetaChoice(reader, reader.Length, superblock, problems, cancellation).Choose();
        if (meta is not null)
        {
            Integrity.Superblock.CheckReservedBlock(reader, problems);
            MetaCheck.CheckChosen(meta, problems);
        }

        RequireNone();
        return new CheckSession(
            reader, new Geometry(_state.PageSize, _state.PageCount), meta!, problems, progress: null, cancellation);
    }

    private void RequireNone()
    {
        if (_problems.Count > 0)
        {
            throw new BackupException(
                $"The backup does not make a sound database ({_problems.Problems[0]}), so nothing was restored: the "
                + "database was damaged when it was taken, or it was made by somebody else. Restore an earlier one.");
        }
    }
}
