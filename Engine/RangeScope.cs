using Engine.Pages;
using Engine.Transactions;

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

    public RangeScope(
        ReaderContext context,
        int epoch,
        scoped in TreeRecord tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        RangeEnd end)
        : this(context, epoch, tree, from, isFromExcluded: false, to, end, All)
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
        long limit)
    {
        Context = context;
        Epoch = epoch;
        Tree = tree;
        From = from;
        IsFromExcluded = isFromExcluded;
        To = to;
        End = end;
        Limit = limit;
    }

    /// <summary>The same without the keys up to this one.</summary>
    public RangeScope After(ReadOnlySpan<byte> key)
    {
        RequireNoLimit();
        return IsAfter(key, From, IsFromExcluded)
            ? new(Context, Epoch, Tree, key, isFromExcluded: true, To, End, Limit)
            : this;
    }

    /// <summary>The same without the keys from this one on.</summary>
    public RangeScope Before(ReadOnlySpan<byte> key)
    {
        RequireNoLimit();
        return IsBefore(key, To, End)
            ? new(Context, Epoch, Tree, From, IsFromExcluded, key, RangeEnd.Below, Limit)
            : this;
    }

    /// <summary>The same, but no more than the first so many in its direction.</summary>
    public RangeScope Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(Context, Epoch, Tree, From, IsFromExcluded, To, End, Math.Min(count, Limit));
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
                "Take comes last: narrow the range and turn it around first, then take the entries.");
        }
    }
}
