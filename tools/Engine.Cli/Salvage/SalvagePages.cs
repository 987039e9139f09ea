using Engine.Cli.Reading;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>The pages of a damaged file, one by one.</summary>
/// <param name="reader">The file.</param>
/// <param name="geometry">Bounds of page numbers: those that the file holds.</param>
/// <param name="cancellation">Ends what goes through them.</param>
internal sealed class SalvagePages(IPageReader reader, Geometry geometry, CancellationToken cancellation)
{
    public IPageReader Reader => reader;

    public Geometry Geometry => geometry;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Reads a page, or the first bytes of it; false if it cannot be read.</summary>
    public bool TryRead(ulong page, Span<byte> destination) =>
        reader.TryRead((long)page * geometry.PageSize, destination);

    /// <summary>The pages of a set, in the order of the file. Pages may leave the set meanwhile.</summary>
    public IEnumerable<ulong> In(PageSet set) => In(set, 0, geometry.PageCount);

    /// <summary>
    /// The pages of a set from one on and below another, ascending. Pages may leave the set meanwhile.
    /// </summary>
    public IEnumerable<ulong> In(PageSet set, ulong first, ulong end)
    {
        for (ulong page = set.Next(first, end, value: true); page < end; page = set.Next(page + 1, end, value: true))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return page;
        }
    }
}
