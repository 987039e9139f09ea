using Engine.Cli.Shared;

namespace Engine.Cli.Shell;

/// <summary>How the shell answers: in the line protocol, or for people.</summary>
internal abstract class ShellReplies
{
    /// <summary>How typed keys and values are shown; null to show them as bytes.</summary>
    public TreeText? Text { get; set; }

    /// <summary>Whether typed keys and values are shown as what they mean.</summary>
    public abstract bool ShowsTypes { get; }

    /// <summary>The entries of a scan that are shown at once.</summary>
    public abstract int ScanLimit { get; }

    public abstract void Ok();

    public abstract void Absent();

    public abstract void Value(ReadOnlySpan<byte> value);

    /// <summary>Ends the values of a key of a multi-valued tree.</summary>
    public abstract void EndValues(long count);

    /// <summary>The answer to a question for a number.</summary>
    /// <param name="what">The command.</param>
    /// <param name="number">The number.</param>
    public abstract void Number(string what, long number);

    public abstract void Committed(ulong transaction);

    public abstract void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>A single entry.</summary>
    public abstract void At(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Ends a scan.</summary>
    /// <param name="count">Entries that were shown.</param>
    /// <param name="hasMore">Whether the range goes on.</param>
    public abstract void EndScan(long count, bool hasMore);

    /// <summary>What a check of the whole file found first; null if it is sound.</summary>
    public abstract void Checked(string? damage);

    public abstract void Help();

    public abstract void Error(string message);
}
