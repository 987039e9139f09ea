using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// The entries that two states of a typed tree do not have in common, as <see cref="TreeDifference"/>.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct TreeDifference<TKey, TValue>
{
    private readonly TreeDifference _changes;
    private readonly Tree<TKey, TValue> _tree;

    internal TreeDifference(TreeDifference changes, Tree<TKey, TValue> tree)
    {
        _changes = changes;
        _tree = tree;
    }

    /// <summary>The same as bytes.</summary>
    public TreeDifference Untyped => _changes;

    /// <summary>Those of these changes with key ≥ from.</summary>
    [SkipLocalsInit]
    public TreeDifference<TKey, TValue> From(TKey from) =>
        new(_changes.From(_tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length])), _tree);

    /// <summary>Those of these changes behind a key, whether or not it is among them.</summary>
    [SkipLocalsInit]
    public TreeDifference<TKey, TValue> After(TKey key) =>
        new(_changes.After(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length])), _tree);

    /// <summary>Those of these changes with key &lt; to.</summary>
    [SkipLocalsInit]
    public TreeDifference<TKey, TValue> Before(TKey to) =>
        new(_changes.Before(_tree.KeyCodec.Encode(to, stackalloc byte[Scratch.Length])), _tree);

    /// <summary>Those of these changes with from ≤ key &lt; to.</summary>
    public TreeDifference<TKey, TValue> Range(TKey from, TKey to) => From(from).Before(to);

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_changes, _tree);

    /// <summary>Walks over the changes.</summary>
    public ref struct Enumerator
    {
        private readonly Tree<TKey, TValue> _tree;
        private TreeDifference.Enumerator _changes;

        internal Enumerator(TreeDifference changes, Tree<TKey, TValue> tree)
        {
            _tree = tree;
            _changes = changes.GetEnumerator();
        }

        /// <summary>The change.</summary>
        public readonly TreeChange<TKey, TValue> Current => new(_changes.Current, _tree);

        /// <summary>Moves to the next change.</summary>
        public bool MoveNext() => _changes.MoveNext();
    }
}
