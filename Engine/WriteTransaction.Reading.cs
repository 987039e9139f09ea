using Engine.Transactions;

namespace Engine;

/// <content>Reading: every read sees what the transaction has written. Copies, except in a callback.</content>
public sealed partial class WriteTransaction
{
    /// <summary>A copy of a value, or null if the key is absent. Allocates the copy; <see cref="TryGet"/> does not.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public byte[]? Get(Tree tree, ReadOnlySpan<byte> key)
    {
        using var entered = EnterToRead(tree);
        return _context.TryGet(tree.Id, key, out var value) ? value.ToArray() : null;
    }

    /// <summary>Copies a value into memory of the caller's. Allocates nothing.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="destination">Gets the value, from its first byte on; stays as it is unless the result is <see cref="GetResult.Found"/>.</param>
    /// <param name="valueLength">
    /// Length of the value in bytes, also when the destination is too small for it; zero if the key is absent. What was copied is <c>destination[..valueLength]</c>.
    /// </param>
    /// <returns>Whether the value was found and copied; a value that does not fit is not taken for an absent one.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public GetResult TryGet(Tree tree, ReadOnlySpan<byte> key, Span<byte> destination, out int valueLength)
    {
        using var entered = EnterToRead(tree);
        var isFound = _context.TryGet(tree.Id, key, out var value);
        valueLength = value.Length;
        if (!isFound)
        {
            return GetResult.NotFound;
        }

        return value.TryCopyTo(destination) ? GetResult.Found : GetResult.DestinationTooSmall;
    }

    /// <summary>Whether a key is there. Does not touch the value.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public bool ContainsKey(Tree tree, ReadOnlySpan<byte> key)
    {
        using var entered = EnterToRead(tree);
        return _context.Contains(tree.Id, key);
    }

    /// <summary>Entries of a tree. O(1).</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public ulong GetCount(Tree tree) => GetStatistics(tree).Entries;

    /// <summary>A tree in numbers. O(1).</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public TreeStatistics GetStatistics(Tree tree)
    {
        using var entered = EnterToRead(tree);
        return TreeStatistics.From(_context.Resolve(tree.Id));
    }

    /// <summary>Whether there is a tree of the handle's name.</summary>
    public bool TreeExists(Tree tree)
    {
        using var entered = EnterToRead(tree);
        return _context.TryResolve(tree.Id, out _);
    }

    /// <summary>The names of all trees but the default one, in ascending byte order.</summary>
    public IReadOnlyList<string> GetTreeNames() => Read(0, static (read, _) => read.GetTreeNames());

    /// <summary>
    /// Reads without copying, in a callback: ranges, cursors, neighbours and values of all trees as the transaction has them. Their spans point into the
    /// transaction's pages, so they live until the callback returns, and until then nothing may be written.
    /// </summary>
    /// <param name="state">Passed to the callback.</param>
    /// <param name="read">
    /// Gets a read transaction that ends when it returns; the compiler keeps what comes from it inside. In there the write transaction can be read by all means, and writing to it,
    /// committing, aborting or disposing it, and closing the database throw <see cref="InvalidOperationException"/>. So does every use by another thread.
    /// </param>
    /// <returns>What the callback returns.</returns>
    public TResult Read<TState, TResult>(TState state, ReadFunc<TState, TResult> read)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(read);
        using var entered = _context.EnterReadCallback(_serial);
        return read(new ReadTransaction(_database, _context.View, _context.View.Epoch), state);
    }

    internal long ChangesOf(Tree tree)
    {
        using var entered = EnterToRead(tree);
        return _context.ChangesOf(tree.Id);
    }

    internal WriteContext.Entered EnterToRead(Tree tree)
    {
        _database.CheckOwn(tree);
        return _context.EnterToRead(_serial);
    }
}
