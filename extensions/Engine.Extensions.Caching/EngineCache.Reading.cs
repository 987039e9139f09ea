using System.Buffers;

namespace Engine.Extensions.Caching;

/// <content>Reading, which renews; without a lock.</content>
public sealed partial class EngineCache
{
    /// <summary>What a snapshot says of a key.</summary>
    private enum Finding
    {
        /// <summary>It is there.</summary>
        Found,

        /// <summary>It is not there, or has expired.</summary>
        Absent,

        /// <summary>
        /// It has expired, unless the writer has just taken its renewal over: a newer snapshot knows.
        /// </summary>
        AbsentAsFarAsSeen,
    }

    /// <summary>Gets a copy of a value, and renews the entry.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The value, which may be empty; null if there is none, or if it has expired.</returns>
    /// <exception cref="DatabaseException">The database cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public byte[]? Get(string key)
    {
        var sink = new ArraySink();
        return Read(key, ref sink) ? sink.Value : null;
    }

    /// <inheritdoc cref="Get" path="/summary|/returns|/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="token">Is looked at before anything else.</param>
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        token.IsCancellationRequested ? Task.FromCanceled<byte[]?>(token) : Task.FromResult(Get(key));

    /// <summary>
    /// Writes a value to where the caller wants it, straight from the file, and renews the entry. Allocates nothing,
    /// but for an entry that slides and was not read in the last <see cref="EngineCacheOptions.RenewalDelay"/>.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Gets the value; nothing if there is none.</param>
    /// <returns>Whether there is a value, which may be empty, and it has not expired.</returns>
    /// <exception cref="DatabaseException">The database cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var sink = new WriterSink(destination);
        return Read(key, ref sink);
    }

    /// <inheritdoc cref="TryGet" path="/summary|/returns|/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="destination">Gets the value; nothing if there is none.</param>
    /// <param name="token">Is looked at before anything else.</param>
    public ValueTask<bool> TryGetAsync(
        string key, IBufferWriter<byte> destination, CancellationToken token = default) =>
        token.IsCancellationRequested
            ? ValueTask.FromCanceled<bool>(token)
            : ValueTask.FromResult(TryGet(key, destination));

    /// <summary>Begins the sliding time of an entry anew, if it has one; does nothing if there is no entry.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DatabaseException">The database cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Refresh(string key)
    {
        var sink = new NoSink();
        Find(key, Now, ref sink);
    }

    /// <inheritdoc cref="Refresh" path="/summary|/returns|/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="token">Is looked at before anything else.</param>
    public Task RefreshAsync(string key, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled(token);
        }

        Refresh(key);
        return Task.CompletedTask;
    }

    private bool Read<TSink>(string key, ref TSink sink)
        where TSink : struct, IValueSink
    {
        var isFound = Find(key, Now, ref sink);
        (isFound ? _counters.Hits : _counters.Misses).Add();
        return isFound;
    }

    private bool Find<TSink>(string key, long now, ref TSink sink)
        where TSink : struct, IValueSink
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        var storedKey = CacheKey.Write(
            key, stackalloc byte[CacheKey.BufferLength(key)], _database.MaxKeyLength, _hash);
        for (var isSecondLook = false; ;)
        {
            // First what waits in memory, then the database: what leaves the memory is in the database before.
            if (_pending.TryGet(key, out var pending))
            {
                if (TryUse(pending, now, ref sink) is { } isFound)
                {
                    return isFound;
                }

                // The writer has taken it over, and is about to remove it.
                _pending.Remove(pending);
            }

            switch (FindStored(storedKey, key, now, ref sink))
            {
                case Finding.Found:
                    return true;
                case Finding.AbsentAsFarAsSeen when !isSecondLook:
                    isSecondLook = true;
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>Whether a pending entry is there; null: it is in the database by now.</summary>
    private static bool? TryUse<TSink>(PendingEntry entry, long now, ref TSink sink)
        where TSink : struct, IValueSink
    {
        if (entry.Value is not { } value)
        {
            return false;
        }

        var end = entry.Ticks;
        if (end != Deadline.Closed && now >= end)
        {
            return false;
        }

        if (end == Deadline.Closed || (entry.Lifetime.IsSliding && !entry.TryMoveTo(entry.Lifetime.RenewedAt(now))))
        {
            return null;
        }

        sink.Take(value);
        return true;
    }

    private Finding FindStored<TSink>(scoped ReadOnlySpan<byte> storedKey, string key, long now, ref TSink sink)
        where TSink : struct, IValueSink
    {
        using var read = _database.BeginRead();
        if (!read[_trees.Entries].TryGet(storedKey, out var stored)
            || !EntryHeader.TryRead(stored, out var header)
            || !header.IsOf(key, stored))
        {
            return Finding.Absent;
        }

        var lifetime = header.Lifetime;
        if (lifetime.IsSliding)
        {
            // What was noted is not always the later one: a reader that was halted since it looked at the clock notes
            // an end that others have moved beyond, and that the writer has taken over.
            if (!_renewals.TryGet(header.Id, out var end) || now >= end)
            {
                end = Math.Max(
                    end, now < lifetime.Deadline ? lifetime.Deadline : StoredEntry.Slide(read, _trees, header));
            }

            if (now >= end)
            {
                return Finding.AbsentAsFarAsSeen;
            }

            var renewed = lifetime.RenewedAt(now);
            if (renewed > end)
            {
                _renewals.Note(header.Id, storedKey, renewed);
            }
        }
        else if (now >= lifetime.Deadline)
        {
            return Finding.Absent;
        }

        _touched?.Mark(header.Id);
        sink.Take(header.Value(stored));
        return Finding.Found;
    }

    private interface IValueSink
    {
        void Take(ReadOnlySpan<byte> value);
    }

    private struct ArraySink : IValueSink
    {
        public byte[]? Value { get; private set; }

        public void Take(ReadOnlySpan<byte> value) => Value = value.ToArray();
    }

    private readonly struct WriterSink(IBufferWriter<byte> destination) : IValueSink
    {
        public void Take(ReadOnlySpan<byte> value) => destination.Write(value);
    }

    private readonly struct NoSink : IValueSink
    {
        public void Take(ReadOnlySpan<byte> value)
        {
        }
    }
}
