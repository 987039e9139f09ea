using System.Buffers;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats;

/// <summary>
/// Writes that are done together on every node, or not at all; with conditions, if you like. Trees are named by their
/// names, the default tree by the empty one; one that does not exist is made by the first put. Not thread-safe; may be
/// changed and written again after <see cref="Replica.WriteAsync"/> has returned its task.
/// </summary>
/// <example>
/// <code>
/// var batch = new WriteBatch()
///     .ExpectAbsent("orders", key)
///     .Put("orders", key, order)
///     .Delete("carts", cart);
/// var outcome = await replica.WriteAsync(batch);
/// </code>
/// </example>
public sealed class WriteBatch
{
    private readonly List<string> _trees = [];
    private readonly ArrayBufferWriter<byte> _preconditions = new();
    private readonly ArrayBufferWriter<byte> _operations = new();

    /// <summary>Begins a batch.</summary>
    /// <param name="id">
    /// An id of yours, new for each batch; null for none. A batch whose id was decided within
    /// <see cref="IdWindow"/> is not applied again, on whatever node it is written, and gets the outcome that it had:
    /// the way to try again after an exception that leaves the outcome open. It costs two more small writes.
    /// </param>
    public WriteBatch(Guid? id = null) => Id = id;

    /// <summary>How long a decided id is remembered, by the clock of the stream.</summary>
    public static TimeSpan IdWindow { get; } = TimeSpan.FromMinutes(15);

    /// <summary>The id it was begun with.</summary>
    public Guid? Id { get; }

    /// <summary>How many puts, deletes and deletes of ranges it has.</summary>
    public int Count { get; private set; }

    /// <summary>How many preconditions it has.</summary>
    public int PreconditionCount { get; private set; }

    internal int LongestKey { get; private set; }

    /// <summary>Sets the value of a key.</summary>
    /// <param name="tree">Name of the tree, empty for the default one.</param>
    /// <param name="key">The key; its length is checked by <see cref="Replica.WriteAsync"/>.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The name is reserved or too long.</exception>
    public WriteBatch Put(string tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        BeginOperation(BatchEncoding.Put, tree);
        AddKey(_operations, key);
        Leb128.WriteBytes(_operations, value);
        return this;
    }

    /// <summary>Deletes a key; nothing happens where there is none.</summary>
    /// <inheritdoc cref="Put"/>
    public WriteBatch Delete(string tree, ReadOnlySpan<byte> key)
    {
        BeginOperation(BatchEncoding.Delete, tree);
        AddKey(_operations, key);
        return this;
    }

    /// <summary>Deletes the keys from one on, up to another one, which stays.</summary>
    /// <param name="tree">Name of the tree, empty for the default one.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">The first one that stays.</param>
    /// <exception cref="ArgumentException">The name is reserved or too long.</exception>
    public WriteBatch DeleteRange(string tree, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        BeginOperation(BatchEncoding.DeleteRange, tree);
        AddKey(_operations, from);
        AddKey(_operations, to);
        return this;
    }

    /// <summary>Deletes the keys from one on, to the end; from the empty one on: all.</summary>
    /// <param name="tree">Name of the tree, empty for the default one.</param>
    /// <param name="from">The first key.</param>
    /// <exception cref="ArgumentException">The name is reserved or too long.</exception>
    public WriteBatch DeleteFrom(string tree, ReadOnlySpan<byte> from)
    {
        BeginOperation(BatchEncoding.DeleteFrom, tree);
        AddKey(_operations, from);
        return this;
    }

    /// <summary>Only if the key has this value.</summary>
    /// <inheritdoc cref="Put"/>
    public WriteBatch ExpectValue(string tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        BeginPrecondition(BatchEncoding.ValueIs, tree);
        AddKey(_preconditions, key);
        Leb128.WriteBytes(_preconditions, value);
        return this;
    }

    /// <summary>Only if there is no such key.</summary>
    /// <inheritdoc cref="Put"/>
    public WriteBatch ExpectAbsent(string tree, ReadOnlySpan<byte> key)
    {
        BeginPrecondition(BatchEncoding.IsAbsent, tree);
        AddKey(_preconditions, key);
        return this;
    }

    /// <summary>Only if there is such a key.</summary>
    /// <inheritdoc cref="Put"/>
    public WriteBatch ExpectPresent(string tree, ReadOnlySpan<byte> key)
    {
        BeginPrecondition(BatchEncoding.IsPresent, tree);
        AddKey(_preconditions, key);
        return this;
    }

    /// <summary>
    /// Only if no batch with puts or deletes was applied after this sequence: everything that was read at it holds.
    /// </summary>
    /// <param name="sequence"><see cref="Replica.AppliedSequence"/>, asked for before what was read.</param>
    public WriteBatch ExpectUnchangedSince(ulong sequence)
    {
        _preconditions.Write([BatchEncoding.DatabaseUnchanged]);
        Leb128.Write(_preconditions, sequence);
        PreconditionCount++;
        return this;
    }

    /// <summary>Only if no batch with a put or delete in this tree was applied after this sequence.</summary>
    /// <param name="tree">Name of the tree, empty for the default one.</param>
    /// <param name="sequence"><see cref="Replica.AppliedSequence"/>, asked for before what was read.</param>
    /// <exception cref="ArgumentException">The name is reserved or too long.</exception>
    public WriteBatch ExpectUnchangedSince(string tree, ulong sequence)
    {
        BeginPrecondition(BatchEncoding.TreeUnchanged, tree);
        Leb128.Write(_preconditions, sequence);
        return this;
    }

    internal byte[] Encode() => Encode(Id);

    /// <summary>As bytes, with an id that may be another one than its own.</summary>
    internal byte[] Encode(Guid? batchId)
    {
        var target = new ArrayBufferWriter<byte>(64 + _preconditions.WrittenCount + _operations.WrittenCount);
        target.Write([batchId is null ? (byte)0 : BatchEncoding.HasId]);
        if (batchId is { } id)
        {
            id.TryWriteBytes(target.GetSpan(BatchEncoding.IdLength));
            target.Advance(BatchEncoding.IdLength);
        }

        Leb128.Write(target, (ulong)_trees.Count);
        foreach (var tree in _trees)
        {
            Leb128.WriteBytes(target, BatchEncoding.Names.GetBytes(tree));
        }

        Leb128.Write(target, (ulong)PreconditionCount);
        target.Write(_preconditions.WrittenSpan);
        Leb128.Write(target, (ulong)Count);
        target.Write(_operations.WrittenSpan);
        return target.WrittenSpan.ToArray();
    }

    private void BeginOperation(byte kind, string tree)
    {
        var index = IndexOf(tree);
        _operations.Write([kind]);
        Leb128.Write(_operations, index);
        Count++;
    }

    private void BeginPrecondition(byte kind, string tree)
    {
        var index = IndexOf(tree);
        _preconditions.Write([kind]);
        Leb128.Write(_preconditions, index);
        PreconditionCount++;
    }

    private void AddKey(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> key)
    {
        LongestKey = Math.Max(LongestKey, key.Length);
        Leb128.WriteBytes(target, key);
    }

    private ulong IndexOf(string tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var index = _trees.IndexOf(tree);
        if (index >= 0)
        {
            return (ulong)index;
        }

        if (tree.StartsWith(BatchEncoding.ReservedPrefix, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{tree}' begins with '{BatchEncoding.ReservedPrefix}', which the engine keeps for itself. "
                + "Give the tree another name.",
                nameof(tree));
        }

        if (BatchEncoding.Names.GetByteCount(tree) > BatchEncoding.MaxNameLength)
        {
            throw new ArgumentException(
                $"The name of the tree is longer than {BatchEncoding.MaxNameLength} bytes of UTF-8. Shorten it.",
                nameof(tree));
        }

        _trees.Add(tree);
        return (ulong)(_trees.Count - 1);
    }
}
