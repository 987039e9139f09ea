namespace Engine;

/// <summary>
/// How the values of a tree become bytes: what a tree is opened with (<c>Database.GetTree</c>). There is one for each
/// encoding, made by <see cref="ValueCodec"/>; every <see cref="KeyCodec{T}"/> is one as well. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
public abstract class ValueCodec<T>
{
    private protected ValueCodec(string name)
    {
        Name = ValueCodec.CheckName(name);
    }

    /// <summary>The encoding's name, which the catalog remembers.</summary>
    public string Name { get; }

    /// <summary>The bytes of a value, to be used with an untyped tree. Allocates them.</summary>
    /// <exception cref="ArgumentException">The value has no encoding.</exception>
    public byte[] Encode(T value)
    {
        EncodingBuffer? buffer = null;
        try
        {
            return Encode(value, default, ref buffer).ToArray();
        }
        finally
        {
            buffer?.Return();
        }
    }

    /// <summary>The value that some bytes stand for.</summary>
    /// <exception cref="InvalidEncodingException">They are no encoding of a value.</exception>
    public abstract T Decode(ReadOnlySpan<byte> bytes);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Encodes into memory of the caller's, or if that is too short, into a buffer.</summary>
    /// <param name="value">The value.</param>
    /// <param name="scratch">What the result may lie in.</param>
    /// <param name="buffer">The buffer, if one was needed: the caller gives it back, also after an exception.</param>
    internal abstract ReadOnlySpan<byte> Encode(T value, Span<byte> scratch, ref EncodingBuffer? buffer);
}
