using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Loads many pairs into one multi-valued tree of a write transaction, as <see cref="BulkLoader"/> loads entries, whose
/// rules it follows. Serves one thread at a time.
/// </summary>
public sealed class MultiTreeLoader : IDisposable
{
    private readonly BulkLoader _loader;
    private readonly WriteTransaction _transaction;
    private readonly MultiTree _tree;
    private readonly PairForm _form;

    internal MultiTreeLoader(BulkLoader loader, WriteTransaction transaction, MultiTree tree, PairForm form)
    {
        _loader = loader;
        _transaction = transaction;
        _tree = tree;
        _form = form;
    }

    /// <summary>Pairs added so far, duplicates included.</summary>
    public long Added => _loader.Added;

    /// <summary>Adds a pair.</summary>
    /// <param name="key">As for <see cref="MultiTreeWriter.Add"/>.</param>
    /// <param name="value">As for <see cref="MultiTreeWriter.Add"/>.</param>
    /// <exception cref="PairTooLongException">Both together are too long; nothing was added.</exception>
    /// <exception cref="ArgumentException">The key has not the length that all keys have.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction can only be aborted.</exception>
    /// <exception cref="InvalidOperationException">The load has been completed or disposed.</exception>
    [SkipLocalsInit]
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var pair = _transaction.RequirePair(_form, _tree, key, value, stackalloc byte[Scratch.Length]);
        _loader.Add(pair, _form.EntryValue(key));
    }

    /// <inheritdoc cref="BulkLoader.Complete()"/>
    public void Complete() => _loader.Complete();

    /// <inheritdoc cref="BulkLoader.Dispose"/>
    public void Dispose() => _loader.Dispose();
}
