namespace Engine;

/// <summary>A sequence does not have as many numbers left as were asked for. None was taken.</summary>
public sealed class SequenceExhaustedException : DatabaseException
{
    /// <summary>Makes an exception for a sequence.</summary>
    /// <param name="sequenceName">The sequence's name.</param>
    /// <param name="last">The last number that was taken.</param>
    /// <param name="count">How many numbers were asked for.</param>
    public SequenceExhaustedException(string sequenceName, long last, int count)
        : base($"Sequence '{sequenceName}' has {long.MaxValue - last} numbers left after {last}, and {count} were "
            + "asked for. If it was moved there by mistake, put a smaller last number into the tree "
            + "'engine:sequences'; otherwise begin a sequence of another name.")
    {
        SequenceName = sequenceName;
        Last = last;
        Count = count;
    }

    /// <summary>The sequence's name.</summary>
    public string SequenceName { get; }

    /// <summary>The last number that was taken.</summary>
    public long Last { get; }

    /// <summary>How many numbers were asked for.</summary>
    public int Count { get; }
}
