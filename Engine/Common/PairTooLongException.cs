namespace Engine;

/// <summary>
/// A key and a value are together too long to be a pair of a multi-valued tree: like the keys of other trees, pairs
/// have at most <c>Database.MaxKeyLength</c> bytes, as the tree writes them.
/// </summary>
public sealed class PairTooLongException : ArgumentException
{
    /// <summary>Makes an exception for a pair.</summary>
    /// <param name="length">The pair's length in bytes, as the tree writes it.</param>
    /// <param name="limit">The limit in bytes.</param>
    public PairTooLongException(int length, int limit)
        : base(
            $"The key and the value take {length} bytes as a pair; pairs of this tree have at most {limit}. (Unless "
            + "all its keys have one length, a pair takes two bytes more than its key and its value have, and one more "
            + "for each zero byte of the key.) Shorten the value, or create the database with a larger page size.")
    {
        Length = length;
        Limit = limit;
    }

    /// <summary>The pair's length in bytes, as the tree writes it.</summary>
    public int Length { get; }

    /// <summary>The limit in bytes.</summary>
    public int Limit { get; }
}
