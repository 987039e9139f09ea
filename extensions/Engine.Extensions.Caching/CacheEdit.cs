using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Extensions.Caching;

/// <summary>Changes of one transaction: each keeps the trees and the sum of the sizes in step.</summary>
internal sealed class CacheEdit(WriteTransaction transaction, CacheTrees trees, CacheState state)
{
    private CacheState _state = state;

    public CacheState State => _state;

    /// <summary>Looks an entry up.</summary>
    /// <param name="storedKey">Its stored key.</param>
    /// <param name="key">The key that it must be of; null: whichever has this stored key.</param>
    public StoredEntry? Find(byte[] storedKey, string? key) => transaction.Read(
        (Trees: trees, StoredKey: storedKey, Key: key),
        static (read, sought) => read[sought.Trees.Entries].TryGet(sought.StoredKey, out var stored)
            ? StoredEntry.From(read, sought.Trees, stored, sought.Key)
            : (StoredEntry?)null);

    /// <summary>Puts an entry in the place of what has its stored key.</summary>
    /// <returns>Its id.</returns>
    public ulong Put(byte[] storedKey, string key, bool isHashed, byte[] value, in Lifetime lifetime)
    {
        if (Find(storedKey, key: null) is { } old)
        {
            RemoveNotes(old);
            Count(-storedKey.Length - old.Length);
        }

        var id = _state.NextId;
        var header = new EntryHeader(id, lifetime, isHashed ? key.Length * sizeof(char) : 0);
        var length = checked((int)header.LengthWith(value));
        transaction[trees.Entries].Put(storedKey, length, (header, key, value), static (stored, entry) =>
        {
            entry.header.Write(stored);
            MemoryMarshal.AsBytes(entry.key.AsSpan())[..entry.header.RestLength].CopyTo(stored[EntryHeader.Length..]);
            entry.value.CopyTo(stored[(EntryHeader.Length + entry.header.RestLength)..]);
        });
        if (lifetime.Ends)
        {
            Span<byte> place = stackalloc byte[CacheTrees.ExpiryKeyLength];
            transaction[trees.Expiry].Put(CacheTrees.ExpiryKey(lifetime.Deadline, id, place), storedKey);
        }

        _state = _state with { NextId = id + 1 };
        Count(storedKey.Length + length);
        return id;
    }

    public void Remove(byte[] storedKey, in StoredEntry entry)
    {
        RemoveNotes(entry);
        transaction[trees.Entries].Delete(storedKey);
        Count(-storedKey.Length - entry.Length);
    }

    /// <summary>Moves the end of a sliding entry.</summary>
    public void Move(byte[] storedKey, in StoredEntry entry, long deadline)
    {
        Span<byte> place = stackalloc byte[CacheTrees.ExpiryKeyLength];
        transaction[trees.Expiry].Delete(CacheTrees.ExpiryKey(entry.Deadline, entry.Header.Id, place));
        transaction[trees.Expiry].Put(CacheTrees.ExpiryKey(deadline, entry.Header.Id, place), storedKey);
        Span<byte> slide = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(slide, deadline);
        transaction[trees.Slides].Put(place[sizeof(long)..], slide);
    }

    /// <summary>Removes a place among those that end which is nobody's.</summary>
    public void RemovePlace(byte[] place) => transaction[trees.Expiry].Delete(place);

    public void Commit()
    {
        trees.Write(transaction, _state);
        transaction.Commit(CommitMode.Deferred);
    }

    private void RemoveNotes(in StoredEntry entry)
    {
        Span<byte> place = stackalloc byte[CacheTrees.ExpiryKeyLength];
        CacheTrees.ExpiryKey(entry.Deadline, entry.Header.Id, place);
        if (entry.Header.Lifetime.Ends)
        {
            transaction[trees.Expiry].Delete(place);
        }

        if (entry.Header.Lifetime.IsSliding)
        {
            transaction[trees.Slides].Delete(place[sizeof(long)..]);
        }
    }

    private void Count(long bytes) => _state = _state with { Size = _state.Size + bytes };
}
