using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching;

/// <content>Changes: to memory first, where everybody sees them.</content>
public sealed partial class EngineCache
{
    /// <summary>Sets an entry, in the place of the one that the key has. The value is copied.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">
    /// The value; may be empty. An entry that is larger than <see cref="EngineCacheOptions.SizeLimit"/> is not kept,
    /// and the one that the key had is removed.
    /// </param>
    /// <param name="options">
    /// When it ends: at an absolute time (of two, the first), or when it was not read for a time, or both; never, if
    /// nothing is set.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is not in the future.</exception>
    /// <exception cref="IOException">
    /// Writing fails, and more than <see cref="EngineCacheOptions.PendingLimit"/> waits in memory; the inner exception
    /// says why. Nothing was changed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        Set(key, new ReadOnlySequence<byte>(value), options);
    }

    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)" path="/summary|/returns|/exception"/>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        var entry = NewEntry(key, value, options);
        if (MustWait() is { } written)
        {
            // It may be late, but no later than that: the limit is one for the memory, and not for the cache's life.
            written.Wait(Patience);
            ThrowIfDisposed();
            ThrowIfWritingFails();
        }

        Put(entry);
    }

    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)" path="/summary|/returns|/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">When it ends.</param>
    /// <param name="token">Gives up before anything is changed.</param>
    public Task SetAsync(
        string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return SetAsync(key, new ReadOnlySequence<byte>(value), options, token).AsTask();
    }

    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)" path="/summary|/exception"/>
    public ValueTask SetAsync(
        string key,
        ReadOnlySequence<byte> value,
        DistributedCacheEntryOptions options,
        CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(token);
        }

        var entry = NewEntry(key, value, options);
        if (MustWait() is { } written)
        {
            return WaitAndPut(entry, written, token);
        }

        Put(entry);
        return ValueTask.CompletedTask;
    }

    /// <summary>Removes an entry; does nothing if there is none.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DatabaseException">The database cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        if (_pending.TryGet(key, out var pending) ? pending.Value is not null : IsStored(key))
        {
            Put(new PendingEntry(key, value: null, default));
            _counters.Removals.Add();
        }
    }

    /// <inheritdoc cref="Remove" path="/summary|/returns|/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="token">Is looked at before anything else.</param>
    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled(token);
        }

        Remove(key);
        return Task.CompletedTask;
    }

    private PendingEntry NewEntry(string key, in ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();
        var lifetime = Lifetime.From(options, Now);
        _counters.Sets.Add();
        if (value.Length + EntryHeader.Length + (sizeof(char) * (long)key.Length) > _largestEntry)
        {
            _counters.Evicted.Add();
            return new PendingEntry(key, value: null, default);
        }

        return new PendingEntry(key, value.ToArray(), lifetime);
    }

    private void Put(PendingEntry entry)
    {
        _pending.Put(entry);
        if (_pending.Size > _pendingLimit / 2)
        {
            _background.Hurry();
        }
        else
        {
            _background.Notify();
        }
    }

    /// <summary>What to wait for before there is room for one more entry; null: there is.</summary>
    private Task? MustWait()
    {
        if (_pending.Size <= _pendingLimit)
        {
            return null;
        }

        // Taken before the second look: what ends afterwards ends this.
        var written = _background.Written;
        ThrowIfWritingFails();
        return _pending.Size <= _pendingLimit ? null : written;
    }

    private void ThrowIfWritingFails()
    {
        if (_background.Failure is { } failure && _pending.Size > _pendingLimit)
        {
            throw new IOException(
                $"Cache '{Name}' cannot write, and has more changes in memory than it may. {failure.Message}", failure);
        }
    }

    private async ValueTask WaitAndPut(PendingEntry entry, Task written, CancellationToken token)
    {
        await written.WaitAsync(Patience, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        ThrowIfWritingFails();
        Put(entry);
    }

    private bool IsStored(string key)
    {
        var storedKey = CacheKey.Write(
            key, stackalloc byte[CacheKey.BufferLength(key)], _database.MaxKeyLength, _hash);
        using var read = _database.BeginRead();
        return read[_trees.Entries].TryGet(storedKey, out var stored)
            && EntryHeader.TryRead(stored, out var header)
            && header.IsOf(key, stored);
    }
}
