using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <content>Reading: every read sees what the transaction has written. Copies, except in a callback.</content>
public sealed partial class WriteTransaction
{
    /// <summary>
    /// Whether there is a tree of the handle's name, as the transaction has the names. The default tree always exists.
    /// </summary>
    public bool TreeExists(Tree tree)
    {
        _database.CheckOwn(tree);
        using var entered = EnterToRead(out var context);
        return context.TryResolve(tree.Id, out _, out _);
    }

    /// <inheritdoc cref="TreeExists(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public bool TreeExists(string name) => TreeExists(_database.GetTree(name));

    /// <summary>The names of all trees but the default one, in ascending byte order.</summary>
    public IReadOnlyList<string> GetTreeNames() => Read(static read => read.GetTreeNames());

    /// <summary>
    /// Reads without copying, in a callback: ranges, cursors, neighbours and values of all trees as the transaction has
    /// them. Their spans point into the transaction's pages, so they live until the callback returns, and until then
    /// nothing may be written.
    /// </summary>
    /// <param name="state">Passed to the callback.</param>
    /// <param name="read">
    /// Gets a read transaction that ends when it returns; the compiler keeps what comes from it inside. In there the
    /// write transaction can be read by all means, and writing to it, committing, aborting or disposing it, and closing
    /// the database throw <see cref="InvalidOperationException"/>. So does every use by another thread.
    /// </param>
    /// <returns>What the callback returns.</returns>
    public TResult Read<TState, TResult>(TState state, ReadFunc<TState, TResult> read)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(read);
        using var entered = _state.EnterToRead(_serial);
        var view = _context.View;
        if (!entered.IsOuter)
        {
            return read(new ReadTransaction(_database, view, view.Epoch, token: null), state);
        }

        view.Attach();
        _state.BeginReadCallback();
        try
        {
            return read(new ReadTransaction(_database, view, view.Epoch, token: null), state);
        }
        finally
        {
            // A copy of what the callback was given, however it got out, is told that it has ended.
            view.EndAny();
            _state.EndCallback();
        }
    }

    /// <inheritdoc cref="Read{TState, TResult}"/>
    public TResult Read<TResult>(ReadFunc<TResult> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return Read(read, static (transaction, read) => read(transaction));
    }

    /// <summary>A pair, which a tree has room for.</summary>
    internal ReadOnlySpan<byte> RequirePair(
        PairForm form, MultiTree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        using var entered = EnterToRead(out var context);
        return context.RequirePair(form, tree.Pairs.Id, key, value, scratch);
    }

    internal TransactionScope EnterToRead(out WriteContext context)
    {
        context = _context;
        return _state.EnterToRead(_serial);
    }
}
