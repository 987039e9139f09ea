using System.Diagnostics.CodeAnalysis;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// An open database below its public face: the published state that readers begin on, the one writer, commit, recovery and the poison. docs/design.md tells
/// the protocol; the parts of this class are its chapters (open, readers, commit, close).
/// </summary>
internal sealed partial class DatabaseCore : IDisposable
{
    private readonly IStorage _storage;
    private readonly CoreOptions _options;
    private readonly LockFile _lock;
    private readonly IStorageFile _file;
    private readonly SessionFile? _session;
    private readonly Superblock _superblock;
    private readonly VerifiedPages _verified;
    private readonly FileGrowth? _growth;
    private readonly MapGenerations _maps;
    private readonly Lock _closing = new();
    private PublishedState _published;
    private volatile DatabasePoisonedException? _poison;
    private volatile bool _isDisposed;

    public string Name => _storage.Name;

    public bool IsReadOnly => _options.ReadOnly;

    public int PageSize => _superblock.PageSize;

    public CoreOptions Options => _options;

    /// <summary>The file, for those who read it beside the map (the integrity check).</summary>
    public IStorageFile File => _file;

    public LockFile LockFile => _lock;

    /// <summary>What the opening came across besides the state that it took; null if there was nothing.</summary>
    public RecoveryReport? RecoveryReport { get; private set; }

    /// <summary>What was verified since the database was opened.</summary>
    public VerifiedPages VerifiedPages => _verified;

    /// <summary>The newest published state.</summary>
    public PublishedState Published => Volatile.Read(ref _published);

    /// <summary>Reusable and pending pages when the newest state was published.</summary>
    public (ulong Reusable, ulong Pending) SpaceCounts { get; private set; }

    /// <summary>Pages of the space log in the newest state.</summary>
    public ulong LogPages => Published.LogPages;

    /// <summary>The newest durable id.</summary>
    public ulong DurableId => _options.ReadOnly ? Published.Id : Volatile.Read(ref _durable).Id;

    /// <summary>The id after the highest one. Ids that no database reaches are refused before one is made that no reader accepts.</summary>
    private ulong NextTransactionId(ulong highestId) => highestId < Meta.MaxId
        ? highestId + 1
        : throw ImpossibleId(highestId);

    private DatabaseCorruptException ImpossibleId(ulong id) => new($"'{Name}' names transaction {id}, which no database reaches. Restore it from a backup.");

    private void ThrowIfUnusable()
    {
        ThrowIfDisposed();
        if (_poison is { } poison)
        {
            throw new DatabasePoisonedException(poison.Message, poison);
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            ThrowDisposed();
        }
    }

    [DoesNotReturn]
    private static void ThrowDisposed() => throw new ObjectDisposedException("Database", "The database was closed. Open it again to use it.");

    /// <summary>No further commit: what the disk holds is not known any more. Reopening decides.</summary>
    private DatabasePoisonedException Poison(Exception cause, string what)
    {
        var poison = new DatabasePoisonedException(
            $"{what} of '{Name}' failed ({cause.Message}); whether the last commit is on disk is unknown. No further commit is accepted, readers go on. Close the database and open it again: recovery decides.",
            cause);
        _poison = poison;
        return poison;
    }

    private static ulong[] CollectPins(ReaderTable readers, ref ulong[] buffer, out int count)
    {
        while (true)
        {
            count = readers.CollectPins(buffer);
            if (count <= buffer.Length - 2)
            {
                return buffer;
            }

            buffer = new ulong[(count * 2) + 2];
        }
    }
}
