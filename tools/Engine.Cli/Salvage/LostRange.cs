using Engine.Cli.Reading;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Keys whose entries cannot be reached any more, because of pages that cannot be read.</summary>
internal sealed class LostRange
{
    public LostRange(KeyRange keys, ulong page, string problem, bool isValue)
    {
        (From, To) = (keys.From, keys.To);
        Page = page;
        Problem = problem;
        IsValue = isValue;
    }

    /// <summary>The first key that may be lost; null for the start of the tree.</summary>
    public byte[]? From { get; }

    /// <summary>The first key behind it; null for the end of the tree.</summary>
    public byte[]? To { get; private set; }

    /// <summary>The page that cannot be read, or the first of them.</summary>
    public ulong Page { get; }

    /// <summary>Pages that cannot be read and lie side by side in the tree.</summary>
    public long Pages { get; private set; } = 1;

    /// <summary>What is wrong with the first of them.</summary>
    public string Problem { get; }

    /// <summary>Whether only the value of one key is lost.</summary>
    public bool IsValue { get; }

    public KeyRange Keys => new(From, To);

    /// <summary>Takes in a page right behind this range; false if it does not follow.</summary>
    public bool TryExtend(scoped in NodeBounds next)
    {
        if (IsValue || To is null || !next.HasLower || !next.Lower.SequenceEqual(To))
            return false;
        To = next.HasUpper ? next.Upper.ToArray() : null;
        Pages++;
        return true;
    }
}
