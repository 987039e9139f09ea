namespace Engine;

/// <summary>
/// How keys of a type become bytes, in an order that is that of the keys: trees compare bytes. Keys that are equal have
/// the same bytes, and others have others. <see cref="KeyCodec.Of{T, TCodec}"/> makes what trees are opened with.
/// </summary>
/// <typeparam name="T">What is encoded.</typeparam>
public interface IKeyCodec<T> : IValueCodec<T>
{
    /// <summary>
    /// Whether no encoding is the beginning of another one, as with a fixed length or an end of its own, and
    /// <see cref="IValueCodec{T}.Read"/> finds the end by itself. Where it is false, <c>Read</c> takes all bytes that
    /// it gets; as a part of a composite key such an encoding gets an end, see <see cref="KeyPart{T, TCodec}"/>.
    /// </summary>
    static abstract bool IsPrefixFree { get; }

    /// <summary>
    /// Of how many parts a key consists, by the first of which ranges can be asked for. 1 if not implemented.
    /// </summary>
    static virtual int PartCount => 1;

    /// <summary>
    /// How many bytes the encoding has that some bytes begin with, for a codec that is prefix-free and finds the end
    /// with less work than by reading the key. −1 if not implemented: the key is read.
    /// </summary>
    /// <param name="source">The bytes.</param>
    /// <exception cref="InvalidEncodingException">The bytes begin with no encoding.</exception>
    static virtual int GetLength(ReadOnlySpan<byte> source) => -1;

    /// <summary>At most so many bytes <see cref="WriteFirst"/> writes. Needed only with several parts.</summary>
    /// <param name="key">The key; parts behind the first so many may be anything, null included.</param>
    /// <param name="parts">How many parts, from 1 to <see cref="PartCount"/>.</param>
    static virtual int GetMaxLengthOfFirst(T key, int parts) => throw new NotSupportedException();

    /// <summary>
    /// Writes the first parts of a key: what all keys begin with that have the same ones. Needed only with several
    /// parts.
    /// </summary>
    /// <param name="key">The key; parts behind the first so many may be anything, null included.</param>
    /// <param name="parts">How many parts, from 1 to <see cref="PartCount"/>.</param>
    /// <param name="destination">Has at least <see cref="GetMaxLengthOfFirst"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    static virtual int WriteFirst(T key, int parts, Span<byte> destination) => throw new NotSupportedException();
}
