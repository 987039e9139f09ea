using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// What a range shows, in either direction: of which tree of which transaction, between which bounds, and how many
/// entries at the most.
/// </summary>
internal readonly ref struct RangeScope
{
    /// <summary>No limit.</summary>
    public const long All = long.MaxValue;

    public readonly ReaderContext Context;
    public readonly int Epoch;
    public readonly TreeRecord Tree;

    /// <summary>The first key, or the one before it if <see cref="IsFromExcluded"/>.</summary>
    public readonly ReadOnlySpan<byte> From;
    public readonly bool IsFromExcluded;

    /// <summary>What <see cref="End"/> speaks of.</summary>
    public readonly ReadOnlySpan<byte> To;
    public readonly RangeEnd End;
    public readonly long Limit;

    /// <summary>How many entries are left out at the beginning, in its direction.</summary>
    public readonly long Skipped;

    public RangeScope(
        ReaderContext context,
        int epoch,
        scoped in TreeRecord tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        RangeEnd end)
        : this(context, epoch, tree, from, isFromExcluded: false, to, end, All, skipped: 0)
    {
    }

    public RangeScope(
        ReaderContext context,
        int epoch,
        scoped in TreeRecord tree,
        ReadOnlySpan<byte> from,
        bool isFromExcluded,
        ReadOnlySpan<byte> to,
        RangeEnd end,
        long limit,
        long skipped)
    {
        Context = context;
        Epoch = epoch;
        Tree = tree;
        From = from;
        IsFromExcluded = isFromExcluded;
        To = to;
        End = end;
        Limit = limit;
        Skipped = skipped;
    }

    /// <summary>The same without the keys up to this one.</summary>
    public RangeScope After(ReadOnlySpan<byte> key)
    {
        RequireWhole();
        return IsAfter(key, From, IsFromExcluded)
            ? new(Context, Epoch, Tree, key, isFromExcluded: true, To, End, Limit, skipped: 0)
            : this;
    }

    /// <summary>The same without the keys from this one on.</summary>
    public RangeScope Before(ReadOnlySpan<byte> key)
    {
        RequireWhole();
        return IsBefore(key, To, End)
            ? new(Context, Epoch, Tree, From, IsFromExcluded, key, RangeEnd.Below, Limit, skipped: 0)
            : this;
    }

    /// <summary>The same, but no more than the first so many in its direction.</summary>
    public RangeScope Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(Context, Epoch, Tree, From, IsFromExcluded, To, End, Math.Min(count, Limit), Skipped);
    }

    /// <summary>Whether a range that begins at a bound would begin later, if it began behind a key.</summary>
    public static bool IsAfter(ReadOnlySpan<byte> key, ReadOnlySpan<byte> from, bool isFromExcluded)
    {
        var order = key.SequenceCompareTo(from);
        return order > 0 || (order == 0 && !isFromExcluded);
    }

    /// <summary>Whether a range that has an end would end sooner, if it ended before a key.</summary>
    public static bool IsBefore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> to, RangeEnd end) => end switch
    {
        RangeEnd.None => true,
        RangeEnd.Below => key.SequenceCompareTo(to) < 0,

        // Below the prefix, or among what begins with it; what is above all of that ends nothing sooner.
        _ => key.SequenceCompareTo(to) < 0 || key.StartsWith(to),
    };

    /// <summary>The same without so many more at its beginning. The tree must be counted.</summary>
    public RangeScope Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RequireNoLimit();
        if (count > 0)
        {
            TreeRank.RequireCounted(Tree);
        }

        // Far more than there can be, and no overflow.
        var skipped = Math.Min(count, All - Skipped) + Skipped;
        return new(Context, Epoch, Tree, From, IsFromExcluded, To, End, Limit, skipped);
    }

    /// <summary>Refuses to change what was counted or skipped already.</summary>
    public void RequireWhole()
    {
        RequireNoLimit();
        if (Skipped != 0)
        {
            throw new InvalidOperationException(
                "Skip comes after the bounds and the direction: narrow the range and turn it around first.");
        }
    }

    /// <summary>How many entries there are, if the tree is counted; null if one must walk over them.</summary>
    public long? TryCount()
    {
        var source = Current().Source;
        if ((Tree.Flags & TreeFlags.Counted) == 0)
        {
            return null;
        }

        var first = FirstRank(source);
        var end = EndRank(source);
        var count = end <= first ? 0 : Amount.From(end - first);
        return Math.Min(Limit, Math.Max(0, count - Skipped));
    }

    /// <summary>How many entries of the tree come before the range. The tree is counted.</summary>
    public ulong FirstRank(PageSource source)
    {
        if (From.IsEmpty && !IsFromExcluded)
        {
            return 0;
        }

        var rank = TreeRank.Of(source, Tree, From, out var isEqual);
        return isEqual && IsFromExcluded ? rank + 1 : rank;
    }

    /// <summary>How many entries of the tree come before the end of the range. The tree is counted.</summary>
    public ulong EndRank(PageSource source)
    {
        switch (End)
        {
            case RangeEnd.None:
                return Tree.Entries;
            case RangeEnd.Below:
                return TreeRank.Of(source, Tree, To, out _);
            default:
                // A prefix longer than any key has no entries; and the stack holds the longest key.
                if (To.Length > PageLayout.MaxKeyLength(source.PageSize))
                {
                    return 0;
                }

                Span<byte> buffer = stackalloc byte[To.Length];
                return RangeBounds.TrySuccessor(To, buffer, out var successor)
                    ? TreeRank.Of(source, Tree, successor, out _)
                    : Tree.Entries;
        }
    }

    /// <summary>Refuses to change what was counted already.</summary>
    public void RequireNoLimit()
    {
        if (Context is null)
        {
            Throw.EndedTransaction(Context);
        }

        if (Limit != All)
        {
            throw new InvalidOperationException(
                "Take comes last: narrow the range, turn it around and skip first, then take the entries.");
        }
    }

    private ReaderContext Current()
    {
        if (Context is null || Context.Epoch != Epoch)
        {
            Throw.EndedTransaction(Context);
        }

        return Context;
    }
}
