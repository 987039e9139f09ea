using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>
/// What the parts of one salvage share: the file, the new database, and which leaves have been saved.
/// </summary>
internal sealed class SalvageContext
{
    private readonly PageSet _taken;
    private readonly PageSet _reached;
    private readonly ProgressUpdate _progress;
    private readonly byte[] _header = new byte[FileFormat.HeaderLength];
    private FileSurvey? _survey;
    private StalePages? _stale;
    private ulong _birthOf;
    private ulong _birth;
    private long _pages;

    public SalvageContext(SalvageFile file, Geometry geometry, TreeFiller filler, string indexPath,
        ProgressUpdate progress, CancellationToken cancellation)
    {
        Pages = new SalvagePages(file.Reader, geometry, cancellation);
        Filler = filler;
        IndexPath = indexPath;
        _progress = progress;
        _taken = new PageSet(geometry.PageCount);
        _reached = new PageSet(geometry.PageCount);
    }

    /// <summary>The file's pages.</summary>
    public SalvagePages Pages { get; }

    public TreeFiller Filler { get; }

    /// <summary>Where an index of what was saved may be made.</summary>
    public string IndexPath { get; }

    /// <summary>What was found in the file; once <see cref="Survey"/> was called.</summary>
    public FileSurvey Found => _survey ?? throw new InvalidOperationException("There was no survey yet.");

    public StalePages Stale => _stale ?? throw new InvalidOperationException("There was no survey yet.");

    public bool HasSurvey => _survey is not null;

    /// <summary>The leaf whose entries are being shown.</summary>
    public ulong CurrentLeaf { get; private set; }

    /// <summary>
    /// Goes through the whole file for pages that were not reached, and finds out which of them are former versions.
    /// </summary>
    /// <param name="metas">The metas of the state, the best first.</param>
    public void Survey(IReadOnlyList<MetaSlot> metas)
    {
        ulong newest = metas.Count > 0 && metas[0].HasRightChecksum ? metas[0].Id : ulong.MaxValue;
        _survey = FileSurvey.Run(Pages, newest, _reached.Contains, pages => PagesRead((long)pages));
        _stale = StalePages.Find(Pages, _survey, metas);
    }

    /// <summary>The records of trees in catalog pages to which nothing leads.</summary>
    public FoundRecords FindRecords() => FoundRecords.Read(Pages, Found);

    /// <summary>Begins a walk through trees of the newest state. Each page belongs to one place in it.</summary>
    public EntryWalk NewReachingWalk() => NewWalk(_reached, liveOnly: false, takes: true);

    /// <summary>Begins a walk that has seen nothing yet.</summary>
    /// <param name="liveOnly">Leave out leaves that have been saved before, and those that are former versions.</param>
    /// <param name="takes">Whether the leaves that it shows count as saved.</param>
    public EntryWalk NewWalk(bool liveOnly = false, bool takes = true) =>
        NewWalk(new PageSet(Pages.Geometry.PageCount), liveOnly, takes);

    private EntryWalk NewWalk(PageSet seen, bool liveOnly, bool takes) =>
        new(Pages.Reader, Pages.Geometry, seen, () => PagesRead(1), Pages.Cancellation)
        {
            Refusal = liveOnly ? Refuse : null,
            LeafShown = page =>
            {
                CurrentLeaf = page;
                if (takes)
                    _taken.Add(page, 1);
            },
        };

    /// <summary>Whether a leaf may count, and has not been saved yet.</summary>
    public bool IsLeft(ulong page) => Refuse(page) is null;

    /// <summary>The transaction that wrote a page.</summary>
    public ulong BirthOf(ulong page)
    {
        if (page != _birthOf && Pages.TryRead(page, _header))
            (_birthOf, _birth) = (page, FileFormat.U64(_header, 16));
        return _birth;
    }

    public long CountStaleLeaves() => Pages.In(Found.Leaves).LongCount(Stale.Stale.Contains);

    /// <summary>An index of all entries that were saved so far.</summary>
    public RowIndex OpenIndex(IEnumerable<string> trees) => OpenIndex(index =>
    {
        foreach (string tree in trees)
            Filler.Read(tree, index.Add);
    });

    /// <summary>An index of the entries of the lost and found.</summary>
    public RowIndex OpenIndex(LostAndFound found) => OpenIndex(index => found.Read(index.Add));

    private RowIndex OpenIndex(Action<RowIndex> fill)
    {
        var index = new RowIndex(IndexPath);
        try
        {
            fill(index);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private string? Refuse(ulong page) => _taken.Contains(page) ? "belongs to something else already"
        : _stale?.Stale.Contains(page) == true ? "is a former version; where the newest one is cannot be read"
        : null;

    private void PagesRead(long pages)
    {
        _pages += pages;
        _progress(_pages, Math.Min(_pages, (long)Pages.Geometry.PageCount));
    }
}
