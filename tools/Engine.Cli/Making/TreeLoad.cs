using Engine.Cli.Shared;
using Engine.Transactions;
using Engine.Trees;

namespace Engine.Cli.Making;

/// <summary>
/// Loads entries into a tree, or pairs into a multi-valued one. Those that expire are put one by one: each changes the
/// time index, and may replace another one.
/// </summary>
internal sealed class TreeLoad : IDisposable
{
    private const int OnStack = 1024;

    private readonly WriteTransaction _transaction;
    private readonly BulkLoader? _loader;
    private readonly Tree? _expiring;
    private readonly MultiTree? _pairs;
    private readonly PairForm _form;

    /// <param name="transaction">The transaction.</param>
    /// <param name="database">Its database.</param>
    /// <param name="tree">The tree, as <see cref="NewTrees"/> give it.</param>
    /// <param name="options">How to sort.</param>
    public TreeLoad(WriteTransaction transaction, Database database, Tree tree, BulkLoadOptions options)
    {
        _transaction = transaction;
        if (tree.Id.Form == TreeForm.Expiring)
        {
            _expiring = tree;
            return;
        }

        _loader = transaction[tree].BeginLoad(options);
        if (!tree.Id.IsOfPairs)
            return;
        _pairs = database.GetMultiTree(tree.Name);
        _form = NewTrees.KindOf(transaction, tree).Form;
    }

    public bool IsSorting => _loader is { IsSorting: true };

    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="hasTime">Whether the value begins with the time at which the entry expires.</param>
    /// <exception cref="UsageException">
    /// The key has not the length that all keys of the tree have, or the entry expires and those of the tree do not.
    /// </exception>
    /// <exception cref="PairTooLongException">Both together are too long to be a pair.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasTime = false)
    {
        if (_loader is null)
        {
            PutExpiring(key, value, hasTime);
            return;
        }

        if (hasTime)
            throw new UsageException(
                "the entry expires, and those of the tree do not: load it into one that 'engine create FILE TREE "
                + "--expiring' makes");
        if (_pairs is null)
        {
            _loader.Add(key, value);
            return;
        }

        MultiValuedTrees.RequireKey(_form.KeySize, _pairs.Name, key);
        _loader.Add(
            _transaction.RequirePair(_form, _pairs, key, value, stackalloc byte[OnStack]), _form.EntryValue(key));
    }

    public void Complete(Action progress) => _loader?.Complete(progress);

    public void Dispose() => _loader?.Dispose();

    private void PutExpiring(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasTime)
    {
        ulong time = ExpiryForm.Never;
        if (hasTime)
        {
            if (!ExpiringTrees.HasTime(value))
                throw new UsageException(
                    $"the value of '{ReadableText.Format(key)}' does not begin with a time, as those of expiring trees "
                    + "do in a dump");
            time = ExpiryForm.TimeOf(value);
            value = value[ExpiryForm.TimeLength..];
        }

        using TransactionScope entered = _transaction.Enter(out WriteContext context);
        context.PutExpiring(_expiring!.Id, key, value, time, now: 0, PutMode.Overwrite);
    }
}
