using System.Buffers.Binary;

namespace Engine.Extensions.Caching;

/// <summary>The trees of a cache.</summary>
/// <param name="database">Where they are.</param>
/// <param name="name">The cache's name.</param>
internal sealed class CacheTrees(Database database, string name)
{
    /// <summary>Length of a key of <see cref="Expiry"/>.</summary>
    public const int ExpiryKeyLength = 16;

    /// <summary>Stored key → header, whole key if the stored one is a hash, value.</summary>
    public Tree Entries { get; } = database.GetTree(name);

    /// <summary>
    /// End (8 bytes, big-endian) and id (8 bytes, big-endian) → stored key, for each entry that ends.
    /// </summary>
    public Tree Expiry { get; } = database.GetTree($"{name}:expiry");

    /// <summary>
    /// Id (8 bytes, big-endian) → end, for sliding entries whose end has moved since they were set. So a renewal writes
    /// no value again.
    /// </summary>
    public Tree Slides { get; } = database.GetTree($"{name}:slides");

    private Tree State { get; } = database.GetTree($"{name}:state");

    /// <summary>Creates what is missing, and reads what the last session has left.</summary>
    /// <exception cref="InvalidDataException">The trees are those of another version.</exception>
    public CacheState Open()
    {
        using (var read = database.BeginRead())
        {
            if (read.TryGetTree(State, out var tree) && tree.TryGet(CacheState.Key, out var stored))
            {
                return CacheState.Read(stored, name);
            }

            if (read.TryGetTree(Entries, out var entries) && entries.Count > 0)
            {
                throw new InvalidDataException(
                    $"The database has a tree '{name}' that is no cache. Choose another name for the cache.");
            }
        }

        var state = new CacheState(NextId: 1, Size: 0);
        using var transaction = database.BeginWrite();
        foreach (var tree in (ReadOnlySpan<Tree>)[Entries, Expiry, Slides, State])
        {
            transaction.CreateTree(tree.Name);
        }

        Write(transaction, state);
        transaction.Commit(CommitMode.Deferred);
        return state;
    }

    public void Write(WriteTransaction transaction, CacheState state)
    {
        Span<byte> stored = stackalloc byte[CacheState.Length];
        state.Write(stored);
        transaction[State].Put(CacheState.Key, stored);
    }

    /// <summary>Writes the place of an entry among those that end.</summary>
    public static ReadOnlySpan<byte> ExpiryKey(long deadline, ulong id, Span<byte> buffer)
    {
        BinaryPrimitives.WriteInt64BigEndian(buffer, deadline);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[8..], id);
        return buffer[..ExpiryKeyLength];
    }

    /// <summary>The id in a key of <see cref="Expiry"/>.</summary>
    public static ulong IdOf(ReadOnlySpan<byte> place) => BinaryPrimitives.ReadUInt64BigEndian(place[8..]);
}
