namespace Engine.Space;

/// <summary>
/// Reads the entries of one log page or of the log head. Believes nothing: every broken rule that one entry can break
/// is a <see cref="DatabaseCorruptException"/>.
/// </summary>
internal ref struct LogReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ulong _page;
    private readonly ulong _newest;
    private readonly ulong _firstPage;
    private readonly ulong _pageCount;
    private readonly bool _mayName;
    private int _position;
    private ulong _transaction;

    /// <param name="bytes">The entries.</param>
    /// <param name="page">The page that they lie in, for messages; 0 for the head.</param>
    /// <param name="newest">The newest transaction that the entries may name.</param>
    /// <param name="firstPage">The first page that can be free.</param>
    /// <param name="pageCount">The page count of the meta.</param>
    /// <param name="mayName">Whether there may be entries of named snapshots, which the meta tells.</param>
    public LogReader(
        ReadOnlySpan<byte> bytes, ulong page, ulong newest, ulong firstPage, ulong pageCount, bool mayName)
    {
        _mayName = mayName;
        _bytes = bytes;
        _page = page;
        _newest = newest;
        _firstPage = firstPage;
        _pageCount = pageCount;
    }

    /// <summary>Reads the next entry, if there is one.</summary>
    public bool TryRead(out LogEntry entry)
    {
        entry = default;
        if (_position == _bytes.Length)
        {
            return false;
        }

        var tag = (LogTag)_bytes[_position++];
        switch (tag)
        {
            case LogTag.Group:
                _transaction = ReadNumber();
                if (_transaction == 0 || _transaction > _newest)
                {
                    throw Malformed($"has entries of transaction {_transaction}, but the newest is {_newest}");
                }

                entry = new LogEntry(tag, _transaction, default, 0);
                return true;
            case LogTag.Free or LogTag.Allocate or LogTag.Pin or LogTag.Unpin when _transaction == 0:
                throw Malformed("does not begin with a group entry");
            case LogTag.Free:
                var freed = ReadExtent();
                var difference = ReadNumber();
                if (difference >= _transaction)
                {
                    throw Malformed($"frees pages that are {difference} transactions older than {_transaction}");
                }

                entry = new LogEntry(tag, _transaction, freed, _transaction - difference);
                return true;
            case LogTag.Allocate:
                entry = new LogEntry(tag, _transaction, ReadExtent(), 0);
                return true;
            case LogTag.Pin or LogTag.Unpin when _mayName:
                var id = ReadNumber();
                if (id == 0 || id > _transaction)
                {
                    throw Malformed($"names the state {id} in transaction {_transaction}");
                }

                entry = new LogEntry(tag, _transaction, default, id);
                return true;
            default:
                throw Malformed($"has an entry of the unknown kind {(byte)tag}");
        }
    }

    /// <summary>Makes the exception about a broken rule.</summary>
    public readonly DatabaseCorruptException Malformed(string problem) => _page == 0
        ? new DatabaseCorruptException(
            $"The head of the space log {problem}. Run the integrity check and restore from a backup, or salvage what "
            + "is readable.")
        : new DatabaseCorruptException(_page, $"(space log) {problem}");

    private Extent ReadExtent()
    {
        var start = ReadNumber();
        var length = ReadNumber();
        if (start < _firstPage || start >= _pageCount || length == 0 || length > _pageCount - start)
        {
            throw Malformed(
                $"names {length} pages from page {start} on, outside of pages {_firstPage} to {_pageCount - 1}");
        }

        return new Extent(start, length);
    }

    private ulong ReadNumber()
    {
        ulong number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position == _bytes.Length)
            {
                throw Malformed("ends within an entry");
            }

            var value = _bytes[_position++];
            var bits = (ulong)(value & 0x7F);
            if (shift == 63 && bits > 1)
            {
                break;
            }

            number |= bits << shift;
            if (value < 0x80)
            {
                return number;
            }
        }

        throw Malformed("has a number of more than 64 bits");
    }
}
