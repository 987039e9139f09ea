using Engine.Cli.Shared;
using Engine.Trees;

namespace Engine.Cli.Making;

/// <summary>Loads entries into a tree, or pairs into a multi-valued one.</summary>
internal sealed class TreeLoad : IDisposable
{
    private const int OnStack = 1024;

    private readonly WriteTransaction _transaction;
    private readonly BulkLoader _loader;
    private readonly MultiTree? _pairs;
    private readonly PairForm _form;

    /// <param name="transaction">The transaction.</param>
    /// <param name="database">Its database.</param>
    /// <param name="tree">The tree, as <see cref="NewTrees"/> give it.</param>
    /// <param name="options">How to sort.</param>
    public TreeLoad(WriteTransaction transaction, Database database, Tree tree, BulkLoadOptions options)
    {
        _transaction = transaction;
        _loader = transaction[tree].BeginLoad(options);
        if (!tree.Id.IsOfPairs)
            return;
        _pairs = database.GetMultiTree(tree.Name);
        _form = NewTrees.KindOf(transaction, tree).Form;
    }

    public bool IsSorting => _loader.IsSorting;

    /// <exception cref="UsageException">The key has not the length that all keys of the tree have.</exception>
    /// <exception cref="PairTooLongException">Both together are too long to be a pair.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_pairs is null)
        {
            _loader.Add(key, value);
            return;
        }

        MultiValuedTrees.RequireKey(_form.KeySize, _pairs.Name, key);
        _loader.Add(
            _transaction.RequirePair(_form, _pairs, key, value, stackalloc byte[OnStack]), _form.EntryValue(key));
    }

    public void Complete(Action progress) => _loader.Complete(progress);

    public void Dispose() => _loader.Dispose();
}
