using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// The pairs that two states of a multi-valued tree do not have in common, in ascending order of the keys and then of
/// the values, for <c>foreach</c>; as <see cref="TreeDifference"/>.
/// </summary>
public readonly ref struct MultiTreeDifference
{
    private readonly TreeDifference _entries;
    private readonly PairForm _form;

    internal MultiTreeDifference(TreeDifference entries, PairForm form)
    {
        _entries = entries;
        _form = form;
    }

    /// <summary>Those of these changes with key ≥ from.</summary>
    [SkipLocalsInit]
    public MultiTreeDifference From(scoped ReadOnlySpan<byte> from) =>
        new(_form.TryBound(from, stackalloc byte[Scratch.Length], out var bound) ? _entries.From(bound) : None, _form);

    /// <summary>Those of these changes behind a pair, whether or not it is among them.</summary>
    [SkipLocalsInit]
    public MultiTreeDifference After(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) =>
        _form.Allows(key)
            ? new(_entries.After(_form.Pair(key, value, stackalloc byte[Scratch.Length])), _form)
            : From(key);

    /// <summary>Those of these changes with key &lt; to.</summary>
    [SkipLocalsInit]
    public MultiTreeDifference Before(scoped ReadOnlySpan<byte> to) =>
        _form.TryBound(to, stackalloc byte[Scratch.Length], out var bound) ? new(_entries.Before(bound), _form) : this;

    /// <summary>Those of these changes with from ≤ key &lt; to.</summary>
    public MultiTreeDifference Range(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to) =>
        From(from).Before(to);

    /// <summary>Those of these changes whose keys begin with a prefix.</summary>
    [SkipLocalsInit]
    public MultiTreeDifference Prefix(scoped ReadOnlySpan<byte> prefix) => new(
        _form.KeySize != 0 && prefix.Length > _form.KeySize
            ? None
            : _entries.Prefix(_form.Prefix(prefix, stackalloc byte[Scratch.Length])),
        _form);

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_entries, _form);

    // Nothing is below no bytes.
    private TreeDifference None => _entries.Before(default);

    /// <summary>Walks over the changes.</summary>
    public ref struct Enumerator
    {
        private readonly PairForm _form;
        private TreeDifference.Enumerator _entries;

        internal Enumerator(TreeDifference entries, PairForm form)
        {
            _form = form;
            _entries = entries.GetEnumerator();
        }

        /// <summary>The change; its spans live as long as both read transactions.</summary>
        public readonly PairChange Current
        {
            get
            {
                var change = _entries.Current;
                if (change.Kind == ChangeKind.Changed)
                {
                    ThrowTwoForms(change.Key);
                }

                var stored = new Entry(change.Key, change.Kind == ChangeKind.Added ? change.NewValue : change.OldValue);
                var pair = Pair.Entry(_form, stored);
                return new PairChange(change.Kind, pair.Key, pair.Value);
            }
        }

        /// <summary>Moves to the next change.</summary>
        public bool MoveNext() => _entries.MoveNext();

        // The value of the entry follows from the pair.
        [DoesNotReturn]
        private static void ThrowTwoForms(ReadOnlySpan<byte> pair) => throw new DatabaseCorruptException(
            $"A multi-valued tree has the pair {Convert.ToHexString(pair)} in two forms. Run the integrity check and "
            + "restore from a backup, or salvage what is readable.");
    }
}
