namespace Engine;

/// <summary>A value is longer than the format allows (2,147,483,647 bytes), or than this database can hold.</summary>
public sealed class ValueTooLongException : ArgumentException
{
    /// <summary>Makes an exception for a value.</summary>
    /// <param name="length">The value's length in bytes.</param>
    /// <param name="limit">The limit in bytes.</param>
    public ValueTooLongException(long length, long limit)
        : base($"The value has {length} bytes; at most {limit} are possible. Split it over several keys.")
    {
        Length = length;
        Limit = limit;
    }

    /// <summary>The value's length in bytes.</summary>
    public long Length { get; }

    /// <summary>The limit in bytes.</summary>
    public long Limit { get; }
}
