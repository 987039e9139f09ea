namespace Engine;

/// <summary>
/// How the keys of a tree become bytes: what a tree is opened with (<c>Database.GetTree</c>). There is one for each
/// encoding, made by <see cref="KeyCodec"/>. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the keys.</typeparam>
public abstract class KeyCodec<T> : ValueCodec<T>
{
    private protected KeyCodec(string name, int partCount)
        : base(name)
    {
        PartCount = partCount;
    }

    /// <summary>Of how many parts a key consists; 1 for all but composite ones.</summary>
    public int PartCount { get; }

    /// <summary>
    /// The codec of a type of one's own that is the same as what this encodes: <c>KeyCodec.Tuple(KeyCodec.Utf8,
    /// KeyCodec.Int64).As((Order o) => (o.Customer, o.Number), p => new Order(p.Item1, p.Item2))</c>. Bytes and name
    /// stay, and so does the order: that of what the first function gives.
    /// </summary>
    /// <param name="from">Makes what is encoded of a key; different things of different keys.</param>
    /// <param name="to">Makes the key again.</param>
    public KeyCodec<TKey> As<TKey>(Func<TKey, T> from, Func<T, TKey> to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return new ConvertedKeyCodec<TKey, T>(this, from, to);
    }

    /// <summary>Whether no encoding is the beginning of another one.</summary>
    internal abstract bool IsPrefixFree { get; }

    /// <summary>Encodes into memory of the caller's, or if that is too short, into new memory.</summary>
    internal abstract ReadOnlySpan<byte> Encode(T key, Span<byte> scratch);

    /// <summary>Encodes into memory of the caller's, if that is long enough.</summary>
    /// <returns>How many bytes that are; −1 if it may be too short.</returns>
    internal abstract int TryEncode(T key, Span<byte> scratch);

    /// <summary>Encodes the first parts alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many parts.</exception>
    internal abstract ReadOnlySpan<byte> EncodeFirst(T key, int parts, Span<byte> scratch);

    /// <summary>The key of the part of a composite key that some bytes begin with.</summary>
    /// <exception cref="InvalidEncodingException">The bytes begin with no part.</exception>
    internal abstract T DecodePart(ReadOnlySpan<byte> source, out int length);

    /// <summary>How many bytes the part of a composite key has that some bytes begin with.</summary>
    /// <exception cref="InvalidEncodingException">The bytes begin with no part.</exception>
    internal abstract int GetPartLength(ReadOnlySpan<byte> source);

    internal sealed override ReadOnlySpan<byte> Encode(T value, Span<byte> scratch, ref EncodingBuffer? buffer) =>
        Encode(value, scratch);
}
