using Engine.Storage;
using Engine.Transactions;

namespace Engine.Backups;

/// <summary>
/// Reads chains of backup streams: to restore what they lead to, or only to see whether they are sound.
/// </summary>
internal sealed class Restoration
{
    private readonly IProgress<BackupProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly BackupChain _chain = new();
    private readonly List<BackupInfo> _links = [];
    private BackupState? _state;

    private Restoration(IProgress<BackupProgress>? progress, CancellationToken cancellation)
    {
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <summary>Reads a chain without restoring anything.</summary>
    public static IReadOnlyList<BackupInfo> Verify(
        IEnumerable<BackupSource> sources, IProgress<BackupProgress>? progress, CancellationToken cancellation)
    {
        var restoration = new Restoration(progress, cancellation);
        restoration.ReadAll(sources, target: null);
        return restoration._links;
    }

    /// <summary>Makes a database of a chain, in a place where there is nothing yet.</summary>
    public static RestoreReport Restore(
        IEnumerable<BackupSource> sources,
        IStorage storage,
        int maxDegreeOfParallelism,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellation)
    {
        var threads = Parallelism.ThreadsOf(maxDegreeOfParallelism);
        if (storage.Exists(out _))
        {
            throw new DatabaseBusyException(
                $"There is something at '{storage.Name}' already, and nothing is ever replaced. Give the path of a new "
                + "file. Nothing was restored.");
        }

        var restoration = new Restoration(progress, cancellation);
        return Creation.Make(storage, file =>
        {
            var target = new PageRunWriter(file);
            restoration.ReadAll(sources, target);
            target.Complete();
            file.BeginWriteBack();
            return new RestoredFile(file, restoration._state!, threads, cancellation).Complete(restoration._links);
        });
    }

    private void ReadAll(IEnumerable<BackupSource> sources, PageRunWriter? target)
    {
        foreach (var source in sources)
        {
            using var reader = new BackupReader(source);
            Read(reader, target);
        }

        if (_links.Count == 0)
        {
            throw new ArgumentException("No backups were given. Give at least a full one.");
        }
    }

    private void Read(BackupReader reader, PageRunWriter? target)
    {
        _cancellation.ThrowIfCancellationRequested();
        var header = reader.ReadHeader();
        _chain.Add(header, reader.Name);
        _state = header.State;
        while (reader.TryReadItem(out var item))
        {
            var position = (long)item.Page * header.State.PageSize;
            for (uint i = 0; i < item.Pages; i++)
            {
                _cancellation.ThrowIfCancellationRequested();
                var page = reader.ReadPage();
                target?.Write(position + ((long)i * page.Length), page);
            }

            Report(reader, isEnd: false);
        }

        Report(reader, isEnd: true);
        _links.Add(header.ToInfo(reader.Pages, reader.StreamBytes));
    }

    private void Report(BackupReader reader, bool isEnd)
    {
        if (_progress is not null && (isEnd || (reader.Pages & 0x3F) == 0))
        {
            _progress.Report(new BackupProgress(_links.Count, reader.Pages, reader.Bytes));
        }
    }
}
