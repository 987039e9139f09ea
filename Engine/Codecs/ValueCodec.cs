using System.Buffers;

namespace Engine;

/// <summary>
/// Codecs of values. What is read is what was written, to the bit: so floating-point numbers, decimals and times have
/// codecs of their own here, because as keys they are one if they are equal. All other values are encoded as keys are.
/// </summary>
public static class ValueCodec
{
    /// <summary>The longest name of a codec.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Single-precision numbers, <c>f32-exact</c>.</summary>
    public static ValueCodec<float> Single { get; } = Of<float, ExactSingleCodec>();

    /// <summary>Double-precision numbers, <c>f64-exact</c>.</summary>
    public static ValueCodec<double> Double { get; } = Of<double, ExactDoubleCodec>();

    /// <summary>Decimals with their scale, <c>decimal-exact</c>.</summary>
    public static ValueCodec<decimal> Decimal { get; } = Of<decimal, ExactDecimalCodec>();

    /// <summary>Times with their kind, <c>datetime-exact</c>.</summary>
    public static ValueCodec<DateTime> DateTime { get; } = Of<DateTime, ExactDateTimeCodec>();

    /// <summary>Instants with their offset, <c>instant-exact</c>.</summary>
    public static ValueCodec<DateTimeOffset> DateTimeOffset { get; } = Of<DateTimeOffset, ExactDateTimeOffsetCodec>();

    /// <summary>
    /// The codec of a type for which there is only one reasonable: numbers, <c>bool</c>, <c>char</c>, enumerations,
    /// times, <see cref="Guid"/>, strings and bytes.
    /// </summary>
    /// <exception cref="NotSupportedException">There is none for this type.</exception>
    public static ValueCodec<T> Default<T>() =>
        DefaultCodecs<T>.Value ?? throw new NotSupportedException(
            $"There is no codec that goes without saying for values of {typeof(T)}. Name one: ValueCodec.Struct for a "
            + "struct without references, ValueCodec.Serialized for a serializer, ValueCodec.Of for one of your own, "
            + "KeyCodec.Tuple for tuples.");

    /// <summary>A codec of one's own.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <typeparam name="TCodec">The codec.</typeparam>
    public static ValueCodec<T> Of<T, TCodec>()
        where TCodec : IValueCodec<T> => new StaticValueCodec<T, TCodec>();

    /// <summary>Structs without references as they lie in memory: see <see cref="StructCodec{T}"/>.</summary>
    public static ValueCodec<T> Struct<T>()
        where T : unmanaged => Of<T, StructCodec<T>>();

    /// <summary>Values that a serializer writes and reads.</summary>
    /// <param name="name">
    /// The encoding's name; change it when bytes that were written before cannot be read any more.
    /// </param>
    /// <param name="write">
    /// Writes a value. The writer is good until this returns; write transactions cannot be used in here.
    /// </param>
    /// <param name="read">
    /// Reads a value. The bytes lie in the file's pages and are good until this returns: whatever keeps them copies
    /// them. For a codec that is to tell bad bytes from all other failures, this throws
    /// <see cref="InvalidEncodingException"/>.
    /// </param>
    public static ValueCodec<T> Serialized<T>(
        string name, Action<IBufferWriter<byte>, T> write, Func<ReadOnlySpan<byte>, T> read)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return new SerializedCodec<T>(name, write, read);
    }

    internal static string CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxNameLength || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException(
                $"'{name}' cannot be a codec's name: those have up to {MaxNameLength} characters of ASCII, without "
                + "blanks.",
                nameof(name));
        }

        return name;
    }
}
