using System.Runtime.CompilerServices;

namespace Engine;

/// <content>
/// What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n) and what has changed since the last
/// of them. More of it is in <see cref="WriteTransaction.Read{TState, TResult}"/>.
/// </content>
public readonly ref partial struct TreeWriter<TKey, TValue>
{
    /// <inheritdoc cref="TreeReader.Rank"/>
    [SkipLocalsInit]
    public long Rank(TKey key) =>
        Untyped.Rank(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]));

    /// <summary>The entry that so many others come before.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public KeyValuePair<TKey, TValue> ElementAt(long index)
    {
        var (key, value) = Untyped.ElementAt(index);
        return new(_tree.KeyCodec.Decode(key), _tree.ValueCodec.Decode(value));
    }

    /// <inheritdoc cref="TreeReader.CountRange"/>
    [SkipLocalsInit]
    public long CountRange(TKey from, TKey to) => Untyped.CountRange(
        _tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length]),
        _tree.KeyCodec.Encode(to, stackalloc byte[Scratch.Length]));
}
