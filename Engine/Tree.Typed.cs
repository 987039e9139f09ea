using Engine.Pages;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// The name of a tree of one database, and how its keys and values become bytes: <c>read.Open(tree)</c>,
/// <c>tx.Open(tree)</c> and <c>snapshot.Open(tree)</c> read and write it. Made by
/// <see cref="Database.GetTree{TKey, TValue}(string)"/>. Like <see cref="Tree"/> it is no more than that: it does no
/// I/O, and does not follow a tree that is renamed. Keep it: it remembers which tree it has looked at. Thread-safe.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed partial class Tree<TKey, TValue>
{
    /// <summary>The attributes that were right last: mostly the same array until they change.</summary>
    private byte[]? _compared;

    internal Tree(Tree untyped, KeyCodec<TKey> keyCodec, ValueCodec<TValue> valueCodec)
    {
        Untyped = untyped;
        KeyCodec = keyCodec;
        ValueCodec = valueCodec;
    }

    /// <summary>The tree's name.</summary>
    public string Name => Untyped.Name;

    /// <summary>
    /// The same tree as bytes, for what does not depend on types: to drop or rename it, or for a cursor or a bulk load,
    /// with the codecs' <c>Encode</c> and <c>Decode</c>. What is written so is not looked at: it has to be encodings.
    /// </summary>
    public Tree Untyped { get; }

    /// <summary>How keys become bytes.</summary>
    public KeyCodec<TKey> KeyCodec { get; }

    /// <summary>How values become bytes.</summary>
    public ValueCodec<TValue> ValueCodec { get; }

    internal TreeCodecs Codecs => new(KeyCodec.Name, ValueCodec.Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({KeyCodec.Name}: {ValueCodec.Name})";

    /// <summary>Refuses a tree with other codecs.</summary>
    internal void RequireCodecs(byte[] attributes, TreeFlags flags = TreeFlags.None)
    {
        if ((flags & TreeFlags.Multimap) != 0)
        {
            throw TreePairs.IsMultiValued(Name);
        }

        if (!ReferenceEquals(attributes, Volatile.Read(ref _compared)))
        {
            Compare(attributes);
        }
    }

    private void Compare(byte[] attributes)
    {
        Use();

        // Another state may have read the same ones again.
        if (Volatile.Read(ref _compared) is not { } compared || !attributes.AsSpan().SequenceEqual(compared))
        {
            if (TreeExpiry.FormOf(attributes) != TreeForm.Plain)
            {
                throw TreeExpiry.IsExpiring(Name);
            }

            var stored = TreeCodecs.From(attributes);
            if (stored != Codecs)
            {
                throw new CodecMismatchException(Name, stored.Key, stored.Value, KeyCodec.Name, ValueCodec.Name);
            }
        }

        Volatile.Write(ref _compared, attributes);
    }
}
