namespace Engine.Storage;

/// <summary>
/// The file of a fork. Its first pages are those of another database, the base, which are read where they are mapped
/// there and never written; what lies behind them is memory; and so are the reserved blocks at its start, which the
/// base has, too, but with its own metas.
/// </summary>
internal sealed unsafe class ForkFile : IStorageFile
{
    private readonly string _name;
    private readonly MapGeneration _base;
    private readonly byte[] _reserved;
    private readonly long _borrowed;
    private readonly MemoryFile _own;
    private readonly Action _releaseBase;

    // One for the open file, and one for each map.
    private int _users = 1;
    private bool _isDisposed;

    /// <summary>Makes the file, as long as what it borrows.</summary>
    /// <param name="name">What messages call the fork.</param>
    /// <param name="base">A map of the base, which shows the same bytes until it is released.</param>
    /// <param name="borrowed">How many bytes are those of the base, the reserved ones included.</param>
    /// <param name="reserved">What the reserved blocks hold; the file's from here on.</param>
    /// <param name="releaseBase">Called once, when nobody looks into the base any more.</param>
    public ForkFile(string name, MapGeneration @base, long borrowed, byte[] reserved, Action releaseBase)
    {
        _name = name;
        _base = @base;
        _borrowed = borrowed;
        _reserved = reserved;
        _own = new MemoryFile(name);
        _releaseBase = releaseBase;
    }

    /// <summary>How many bytes at the start are those of the base.</summary>
    public long BorrowedBytes => _borrowed;

    public long Length => _borrowed + _own.Length;

    public FilePresence Presence => FilePresence.Nowhere;

    public void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (offset < _reserved.Length)
        {
            var part = destination[..(int)Math.Min(destination.Length, _reserved.Length - offset)];
            lock (_reserved)
            {
                _reserved.AsSpan((int)offset, part.Length).CopyTo(part);
            }

            offset += part.Length;
            destination = destination[part.Length..];
        }

        if (offset < _borrowed)
        {
            var part = destination[..(int)Math.Min(destination.Length, _borrowed - offset)];
            if (_base.CopyTo(offset, part) < part.Length)
            {
                throw new DatabaseCorruptException(
                    $"{_name}: the file of its base is shorter than its contents say: {part.Length} bytes at offset "
                    + $"{offset} were asked for. Restore it from a backup.");
            }

            offset += part.Length;
            destination = destination[part.Length..];
        }

        if (!destination.IsEmpty)
        {
            _own.Read(offset - _borrowed, destination);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (offset >= _borrowed)
        {
            _own.Write(offset - _borrowed, source);
        }
        else if (offset >= 0 && source.Length <= _reserved.Length - offset)
        {
            lock (_reserved)
            {
                source.CopyTo(_reserved.AsSpan((int)offset));
            }
        }
        else
        {
            throw new InvalidOperationException(
                $"{_name}: {source.Length} bytes at offset {offset} were to be written, which are those of its base. "
                + "The transaction must be aborted; please report this.");
        }
    }

    public void Flush() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    public void SetLength(long length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _own.SetLength(length - _borrowed);
    }

    public MapGeneration Map(long length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var own = length > _borrowed ? _own.Map(length - _borrowed) : null;
        var above = own is null ? default : new MapRegion(_borrowed, own.Address, own.Length);
        Interlocked.Increment(ref _users);
        return new MapGeneration(_base, _borrowed, above, new MapUser(this, own));
    }

    public void DropCache() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            _own.Dispose();
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _releaseBase();
        }
    }

    private sealed class MapUser(ForkFile file, MapGeneration? own) : IDisposable
    {
        public void Dispose()
        {
            own?.Release();
            file.Leave();
        }
    }
}
