using System.Buffers.Binary;
using System.Security.Cryptography;
using Engine.Cli.Making;

namespace Engine.Cli.Salvage;

/// <summary>
/// Knows which keys and which whole entries have been saved, whatever the tree: what tells a former version of a leaf
/// from a leaf of another tree, where the space log does not; and which leaves are known to be of which tree. It is a
/// database of fingerprints beside the new file, and goes with it: memory does not grow with the entries.
/// </summary>
internal sealed class RowIndex : IDisposable
{
    private const int FingerprintLength = 16;
    private const string Keys = "keys";
    private const string Rows = "rows";
    private const string Owners = "owners";

    private readonly string _path;
    private readonly Database _database;
    private WriteTransaction _transaction;
    private Tree _keys;
    private Tree _rows;
    private Tree _owners;
    private int _added;

    public RowIndex(string path)
    {
        _path = path;
        _database = Database.Open(path,
            new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, DeferredLimit = long.MaxValue });
        (_transaction, _keys, _rows, _owners) = Begin();
    }

    public bool HasKey(ReadOnlySpan<byte> key) => _transaction[_keys].Get(OfKey(key)) is not null;

    public bool HasRow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        _transaction[_rows].Get(OfRow(key, value)) is not null;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _transaction[_keys].Put(OfKey(key), default);
        _transaction[_rows].Put(OfRow(key, value), default);
        CommitNowAndThen();
    }

    /// <summary>Notes the tree that a leaf belongs to, unless that is known.</summary>
    /// <param name="page">The leaf.</param>
    /// <param name="tree">The position of the tree among those of the salvage.</param>
    public void SetOwner(ulong page, int tree)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, tree);
        _ = _transaction[_owners].TryAdd(OfPage(page), number);
        CommitNowAndThen();
    }

    /// <summary>The tree that a leaf belongs to; -1 if that is not known.</summary>
    public int OwnerOf(ulong page) =>
        _transaction[_owners].Get(OfPage(page)) is { } number ? BinaryPrimitives.ReadInt32LittleEndian(number) : -1;

    public void Dispose()
    {
        _transaction.Dispose();
        _database.Dispose();
        File.Delete(_path);
        File.Delete(_path + "-lock");
    }

    private (WriteTransaction Transaction, Tree Keys, Tree Rows, Tree Owners) Begin()
    {
        WriteTransaction transaction = _database.BeginWrite();
        return (transaction, transaction.CreateTree(Keys), transaction.CreateTree(Rows),
            transaction.CreateTree(Owners));
    }

    private void CommitNowAndThen()
    {
        if (++_added % 100_000 != 0)
            return;
        _transaction.Commit(CommitMode.Deferred);
        _transaction.Dispose();
        (_transaction, _keys, _rows, _owners) = Begin();
    }

    private static byte[] OfPage(ulong page)
    {
        byte[] number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, page);
        return number;
    }

    private static byte[] OfKey(ReadOnlySpan<byte> key) => SHA256.HashData(key)[..FingerprintLength];

    private static byte[] OfRow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, key.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(length);
        hash.AppendData(key);
        hash.AppendData(value);
        return hash.GetHashAndReset()[..FingerprintLength];
    }
}
