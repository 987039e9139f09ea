namespace Engine.Integrity;

/// <summary>
/// Reads leaves; those that lie in a row in the file several at a time, since a read costs about as much as the check
/// of what it brings. Each walk has one of its own.
/// </summary>
internal sealed class LeafReader(CheckSession session)
{
    private const int BufferLength = 64 * 1024;

    private byte[]? _buffer;
    private ulong _first;
    private int _pages;

    /// <summary>Reads a page that is known to exist, and is claimed.</summary>
    /// <param name="page">The page.</param>
    /// <param name="followers">How many of the pages behind it will be asked for next.</param>
    /// <param name="destination">Gets the page.</param>
    public void Read(ulong page, int followers, Span<byte> destination)
    {
        var size = session.Geometry.PageSize;
        if (unchecked(page - _first) >= (ulong)_pages && !TryReadRow(page, followers, size))
        {
            session.ReadPage(page, destination);
            return;
        }

        session.CountPage();
        _buffer.AsSpan((int)(page - _first) * size, size).CopyTo(destination);
    }

    /// <summary>Forgets what was read ahead: what follows is of another tree, or state.</summary>
    public void Clear() => _pages = 0;

    private bool TryReadRow(ulong page, int followers, int size)
    {
        // A named snapshot shares pages with other states, which are not read. What is claimed already is a second use,
        // and not read either: so every page is read once.
        var most = session.Snapshot is null ? Math.Min(followers, (BufferLength / size) - 1) : 0;
        var ahead = most > 0 ? session.CountUnclaimed(page + 1, most) : 0;
        if (ahead == 0)
            return false;
        _buffer ??= new byte[BufferLength];
        _pages = 0;
        session.ReadAhead(page, _buffer.AsSpan(0, (ahead + 1) * size));
        (_first, _pages) = (page, ahead + 1);
        return true;
    }
}
