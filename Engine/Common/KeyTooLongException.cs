namespace Engine;

/// <summary>A key is longer than the database's key limit, <c>Database.MaxKeyLength</c>.</summary>
public sealed class KeyTooLongException : ArgumentException
{
    /// <summary>Makes an exception for a key.</summary>
    /// <param name="length">The key's length in bytes.</param>
    /// <param name="limit">The limit in bytes.</param>
    public KeyTooLongException(int length, int limit)
        : base(
            $"The key has {length} bytes; keys of this database have at most {limit}. Shorten it, or create the "
            + "database with a larger page size.")
    {
        Length = length;
        Limit = limit;
    }

    /// <summary>The key's length in bytes.</summary>
    public int Length { get; }

    /// <summary>The limit in bytes.</summary>
    public int Limit { get; }
}
