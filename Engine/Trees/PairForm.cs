using System.Diagnostics.CodeAnalysis;

namespace Engine.Trees;

/// <summary>
/// How the pairs of a multi-valued tree are entries of a tree (docs/format.md section 4). The entry's key is the pair:
/// the key, and behind it the value, so that the order of the bytes is that of the keys, then of the values. That takes
/// keys of which none is the beginning of another one. Where all have one length they are; elsewhere they are escaped
/// and ended (<see cref="EscapedBytes"/>). The entry's value is empty; but if escaping has changed the key, it is the
/// key once more, so that readers get it in one piece.
/// </summary>
/// <param name="keySize">The length of all keys in bytes; 0 if they have different ones.</param>
internal readonly struct PairForm(int keySize)
{
    /// <summary>The length of all keys in bytes; 0 if they have different ones.</summary>
    public int KeySize { get; } = keySize;

    /// <summary>Whether a key may be one of the tree.</summary>
    public bool Allows(ReadOnlySpan<byte> key) => KeySize == 0 || key.Length == KeySize;

    /// <summary>What every pair of a key begins with, and no other.</summary>
    /// <param name="key">A key that the tree allows.</param>
    /// <param name="scratch">Memory that may serve; if it is too short, new memory does.</param>
    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> key, Span<byte> scratch) => Pair(key, default, scratch);

    /// <summary>A pair.</summary>
    /// <param name="key">A key that the tree allows.</param>
    /// <param name="value">The value.</param>
    /// <param name="scratch">Memory that may serve; if it is too short, new memory does.</param>
    public ReadOnlySpan<byte> Pair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        var added = KeySize == 0 ? EscapedBytes.CountEscapes(key) + EscapedBytes.EndLength : 0;
        var length = key.Length + added;
        var destination = length + value.Length <= scratch.Length ? scratch : new byte[length + value.Length];
        key.CopyTo(destination);
        if (added != 0)
        {
            EscapedBytes.Terminate(destination, key.Length);
        }

        value.CopyTo(destination[length..]);
        return destination[..(length + value.Length)];
    }

    /// <summary>What every pair begins with whose key begins with a prefix, and no other.</summary>
    /// <param name="prefix">A prefix that may be one of keys of the tree.</param>
    /// <param name="scratch">As for <see cref="Key"/>.</param>
    public ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> prefix, Span<byte> scratch) =>
        KeySize == 0 ? Pair(prefix, default, scratch)[..^EscapedBytes.EndLength] : prefix;

    /// <summary>The smallest bytes that no pair with a smaller key reaches, and all others do.</summary>
    /// <param name="key">Any key, also one that the tree does not allow.</param>
    /// <param name="scratch">As for <see cref="Key"/>.</param>
    /// <param name="bound">The bytes.</param>
    /// <returns>False if all pairs have smaller keys.</returns>
    public bool TryBound(ReadOnlySpan<byte> key, Span<byte> scratch, out ReadOnlySpan<byte> bound)
    {
        if (KeySize == 0)
        {
            bound = Key(key, scratch);
            return true;
        }

        if (key.Length <= KeySize)
        {
            bound = key;
            return true;
        }

        // It lies behind the key that it begins with.
        return TryNext(key[..KeySize], scratch, out bound);
    }

    /// <summary>The smallest bytes above all pairs that begin alike.</summary>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="scratch">As for <see cref="Key"/>.</param>
    /// <param name="next">The bytes.</param>
    /// <returns>False if there are none above.</returns>
    public static bool TryNext(ReadOnlySpan<byte> prefix, Span<byte> scratch, out ReadOnlySpan<byte> next)
    {
        var length = prefix.TrimEnd((byte)0xFF).Length;
        if (length == 0)
        {
            next = default;
            return false;
        }

        var destination = length <= scratch.Length ? scratch : new byte[length];
        prefix[..length].CopyTo(destination);
        destination[length - 1]++;
        next = destination[..length];
        return true;
    }

    /// <summary>What the entry of a pair has for its value.</summary>
    /// <param name="key">The key of the pair.</param>
    public ReadOnlySpan<byte> EntryValue(ReadOnlySpan<byte> key) =>
        KeySize == 0 && key.Contains((byte)0) ? key : default;

    /// <summary>Takes a pair apart.</summary>
    /// <param name="pair">The key of an entry.</param>
    /// <param name="entryValue">Its value.</param>
    /// <param name="key">The key of the pair.</param>
    /// <returns>Where the value of the pair begins.</returns>
    /// <exception cref="DatabaseCorruptException">The entry is no pair of this form.</exception>
    public int Split(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> entryValue, out ReadOnlySpan<byte> key)
    {
        int start;
        if (KeySize != 0)
        {
            key = pair[..Math.Min(KeySize, pair.Length)];
            start = KeySize;
        }
        else if (entryValue.IsEmpty)
        {
            var end = pair.IndexOf((byte)0);
            key = pair[..Math.Max(0, end)];
            start = end < 0 ? int.MaxValue : end + EscapedBytes.EndLength;
        }
        else
        {
            key = entryValue;
            start = key.Length + EscapedBytes.CountEscapes(key) + EscapedBytes.EndLength;
        }

        if (start > pair.Length)
        {
            ThrowNoPair(pair);
        }

        return start;
    }

    /// <summary>Where the value of a pair begins, of which the entry's value is not at hand.</summary>
    /// <exception cref="DatabaseCorruptException">It is no pair of this form.</exception>
    public int KeyLength(ReadOnlySpan<byte> pair)
    {
        var end = KeySize != 0 ? KeySize : EscapedBytes.FindEnd(pair, out _);
        if (end < 0 || end > pair.Length)
        {
            ThrowNoPair(pair);
        }

        return KeySize != 0 ? end : end + EscapedBytes.EndLength;
    }

    /// <summary>The key of a pair, of which the entry's value is not at hand; new memory if it was escaped.</summary>
    /// <exception cref="DatabaseCorruptException">It is no pair of this form.</exception>
    public ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> pair)
    {
        if (KeySize != 0)
        {
            return pair[..KeyLength(pair)];
        }

        var end = EscapedBytes.FindEnd(pair, out var escapes);
        if (end < 0)
        {
            ThrowNoPair(pair);
        }

        if (escapes == 0)
        {
            return pair[..end];
        }

        var key = new byte[end - escapes];
        EscapedBytes.Read(pair[..end], key);
        return key;
    }

    [DoesNotReturn]
    private static void ThrowNoPair(ReadOnlySpan<byte> pair) => throw new DatabaseCorruptException(
        $"An entry of a multi-valued tree has the key {Convert.ToHexString(pair)}, which is no pair. Run the integrity "
        + "check and restore from a backup, or salvage what is readable.");
}
