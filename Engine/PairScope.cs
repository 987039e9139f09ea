using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// What a range of a multi-valued tree shows, in either direction. It keeps its bounds: nothing is allocated unless
/// they are longer than 48 bytes.
/// </summary>
internal ref struct PairScope
{
    public readonly TreeReader Reader;
    public readonly PairForm Form;
    public EncodedBounds Bounds;
    public RangeEnd End;
    public bool IsFromExcluded;
    public long Limit = RangeScope.All;
    public long Skipped;

    /// <summary>All pairs.</summary>
    public PairScope(TreeReader reader, PairForm form)
    {
        Reader = reader;
        Form = form;
    }

    /// <summary>How many pairs there are, counted in the quickest way that there is.</summary>
    public readonly long Count()
    {
        var scope = Whole();
        return scope.TryCount() ?? new TreeRange.Enumerator(scope).CountLeft(scope.From, scope.To);
    }

    /// <summary>Leaves out the pairs with smaller keys.</summary>
    [SkipLocalsInit]
    public void StartAtKey(scoped ReadOnlySpan<byte> key)
    {
        if (Form.TryBound(key, stackalloc byte[Scratch.Length], out var bound))
        {
            StartAt(bound, isExcluded: false);
        }
        else
        {
            Empty();
        }
    }

    /// <summary>Leaves out the pairs with this key and with greater ones.</summary>
    [SkipLocalsInit]
    public void EndAtKey(scoped ReadOnlySpan<byte> key)
    {
        if (Form.TryBound(key, stackalloc byte[Scratch.Length], out var bound))
        {
            EndAt(bound);
        }
    }

    /// <summary>Leaves out the pairs with other keys.</summary>
    /// <returns>How many bytes of each pair come before the value.</returns>
    [SkipLocalsInit]
    public int KeepKey(scoped ReadOnlySpan<byte> key)
    {
        if (!Form.Allows(key))
        {
            Empty();
            return 0;
        }

        var prefix = Form.Key(key, stackalloc byte[Scratch.Length]);
        Keep(prefix);
        return prefix.Length;
    }

    /// <summary>Leaves out the pairs whose keys begin otherwise.</summary>
    [SkipLocalsInit]
    public void KeepPrefix(scoped ReadOnlySpan<byte> prefix)
    {
        if (Form.KeySize != 0 && prefix.Length > Form.KeySize)
        {
            Empty();
            return;
        }

        Keep(Form.Prefix(prefix, stackalloc byte[Scratch.Length]));
    }

    /// <summary>Leaves out what is below some bytes, or not above them.</summary>
    public void StartAt(scoped ReadOnlySpan<byte> bound, bool isExcluded)
    {
        RequireWhole();
        if (RangeScope.IsAfter(bound, Bounds.From.Bytes, IsFromExcluded))
        {
            Bounds.From = new EncodedBound(bound);
            IsFromExcluded = isExcluded;
        }
    }

    /// <summary>Leaves out what is not below some bytes.</summary>
    public void EndAt(scoped ReadOnlySpan<byte> bound)
    {
        RequireWhole();
        if (RangeScope.IsBefore(bound, Bounds.To.Bytes, End))
        {
            Bounds.To = new EncodedBound(bound);
            End = RangeEnd.Below;
        }
    }

    /// <summary>Leaves out all but so many, at the beginning in its direction.</summary>
    public void Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Limit = Math.Min(count, Limit);
    }

    /// <summary>Leaves out so many more, at the beginning in its direction. The tree must be counted.</summary>
    public void Skip(long count) => Skipped = Whole().Skip(count).Skipped;

    /// <summary>Refuses to change what was counted or skipped already.</summary>
    public readonly void RequireWhole() => Whole().RequireWhole();

    /// <summary>Whether a pair that is not below the range lies before its end.</summary>
    public readonly bool IsBeforeEnd(ReadOnlySpan<byte> pair) => End switch
    {
        RangeEnd.None => true,
        RangeEnd.Below => pair.SequenceCompareTo(Bounds.To.Bytes) < 0,
        _ => pair.StartsWith(Bounds.To.Bytes),
    };

    /// <summary>Walks over the pairs; whoever calls keeps this, and moves with its bounds.</summary>
    public readonly TreeRange.Enumerator Ascend() =>
        new(Reader.Scope(IsFromExcluded, End, Limit, Skipped), Skipped == 0 ? 0 : Whole().FirstRank(Reader.Source));

    /// <summary>Walks over the pairs from the last one on.</summary>
    public readonly ReverseTreeRange.Enumerator Descend() =>
        new(Reader.Scope(IsFromExcluded, End, Limit, Skipped), Skipped == 0 ? 0 : Whole().EndRank(Reader.Source));

    [UnscopedRef]
    private readonly RangeScope Whole() =>
        Reader.Scope(Bounds.From.Bytes, IsFromExcluded, Bounds.To.Bytes, End, Limit, Skipped);

    /// <summary>Nothing is below no bytes.</summary>
    private void Empty()
    {
        Bounds = default;
        End = RangeEnd.Below;
    }

    private void Keep(scoped ReadOnlySpan<byte> prefix)
    {
        Bounds.From = new EncodedBound(prefix);
        Bounds.To = Bounds.From;
        End = RangeEnd.Prefix;
    }
}
