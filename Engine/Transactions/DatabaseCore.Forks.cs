using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// Forks: databases in memory that begin as a state of this one. docs/design.md, "Forks".
/// </content>
internal sealed partial class DatabaseCore
{
    /// <summary>The forks of this database that are open; also the lock for them.</summary>
    private readonly HashSet<DatabaseCore> _forks = [];

    /// <summary>Of a fork: the database whose pages it borrows.</summary>
    private DatabaseCore? _base;

    /// <summary>
    /// Of a fork: holds the state that it began with, as long as it is open. All borrowed pages were born before, so
    /// what it gives up of them is never reused, and so never written.
    /// </summary>
    private SharedPin? _forkPoint;

    /// <summary>Pages at the start of the file that are another database's.</summary>
    public ulong BorrowedPages => (ulong)Storage.BorrowedBytes / (uint)PageSize;

    /// <summary>Makes a database in memory on top of a state, which stays pinned until that is closed.</summary>
    /// <param name="pin">The state, which the caller has pinned.</param>
    /// <param name="options">How the fork is opened.</param>
    /// <exception cref="DatabaseFormatException">
    /// The database is of an older version of the format, whose pages are not to be mixed with those of this one.
    /// </exception>
    public DatabaseCore Fork(SharedPin pin, DatabaseOptions options)
    {
        Superblock.RequireWritable(Name);
        var (name, state) = ($"a fork of {Name}", pin.State);
        var (borrowed, reserved) = (checked((long)state.PageCount * PageSize), ReservedBlocksOf(state));
        pin.AddUser();
        var file = new ForkFile(name, state.Map, borrowed, reserved, pin.Release);
        var fork = Open(new ForkStorage(name, file), options);
        try
        {
            fork._forkPoint = fork.Readers.BeginShared();
            fork._base = this;
            lock (_forks)
            {
                // In here: closing sets the flag, then closes the forks that it finds under this lock.
                ThrowIfDisposed();
                _forks.Add(fork);
            }

            return fork;
        }
        catch
        {
            fork.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The blocks at the start of a database that has one state, and nothing else: no space log, because no page is
    /// free that it could use; and no named snapshots, as a copy of the state has none, because nobody holds their
    /// pages for it.
    /// </summary>
    private byte[] ReservedBlocksOf(PublishedState state)
    {
        var blocks = new byte[PageLayout.FirstPage(PageSize) * (ulong)PageSize];
        var superblock = new Superblock(PageSize, Guid.NewGuid());
        superblock.ToBytes().CopyTo(blocks, 0);
        var meta = new Meta
        {
            Id = state.Id,
            DurableId = state.Id,
            PageCount = state.PageCount,
            Class = CommitClass.Ordered,
            Main = state.Main,
            Catalog = state.Catalog,
            NextTreeId = state.NextTreeId,
        };
        meta.Write(blocks.AsSpan((int)Meta.SlotOffset(0), PageLayout.BlockSize), superblock);
        return blocks;
    }

    private DatabaseCore[] ListForks()
    {
        lock (_forks)
        {
            return [.. _forks];
        }
    }

    private void RequireNoCallbackOfForks()
    {
        foreach (var fork in ListForks())
        {
            fork.RequireNoCallback();
            fork.RequireNoCallbackOfForks();
        }
    }

    private void ReleaseForkPoint() => _forkPoint?.Release();

    private void Forget(DatabaseCore fork)
    {
        lock (_forks)
        {
            _forks.Remove(fork);
        }
    }
}
