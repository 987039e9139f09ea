namespace Engine;

/// <summary>
/// How values of a type become bytes and values again. An implementation is a type without state, usually an empty
/// struct, whose static members do the work; <see cref="ValueCodec.Of{T, TCodec}"/> makes what trees are opened with.
/// What is written must depend on the value alone, and must stay the same for ever: it is in files. Thread-safe.
/// </summary>
/// <typeparam name="T">What is encoded.</typeparam>
public interface IValueCodec<T>
{
    /// <summary>
    /// Names the encoding, in files: 1 to <see cref="ValueCodec.MaxNameLength"/> characters of ASCII without blanks.
    /// Another encoding needs another name.
    /// </summary>
    static abstract string Name { get; }

    /// <summary>At most so many bytes are written for a value. May be more than are written, but not by much.</summary>
    /// <param name="value">The value.</param>
    static abstract int GetMaxLength(T value);

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="destination">Has at least <see cref="GetMaxLength"/> bytes, whatever they are.</param>
    /// <returns>How many bytes were written.</returns>
    static abstract int Write(T value, Span<byte> destination);

    /// <summary>Reads the value that some bytes begin with.</summary>
    /// <param name="source">
    /// The bytes, at any address: those of values lie in pages at no multiple of anything. Whoever keeps them copies
    /// them.
    /// </param>
    /// <param name="length">How many bytes were read. Whoever calls this refuses an encoding that has more.</param>
    /// <exception cref="InvalidEncodingException">The bytes are none that <see cref="Write"/> writes.</exception>
    static abstract T Read(ReadOnlySpan<byte> source, out int length);
}
