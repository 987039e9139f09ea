using System.Globalization;

namespace Engine.Extensions.Nats;

/// <summary>
/// Which part of a key, its partition key, decides in which shard it lies: fixed when a sharded database is made. What
/// has the same partition key lies together, in all trees, and can be written in one batch. Immutable.
/// </summary>
public sealed record ShardKey
{
    private const string WholeText = "whole";
    private const string NamedText = "named";
    private const string FirstText = "first:";
    private const string UntilText = "until:";

    private readonly int _number;

    private ShardKey(ShardKeyKind kind, int number)
    {
        Kind = kind;
        _number = number;
    }

    /// <summary>All of the key: the most even, and no two keys lie together.</summary>
    public static ShardKey Whole { get; } = new(ShardKeyKind.Whole, 0);

    /// <summary>Each call says the partition key; keys are not looked at.</summary>
    public static ShardKey Named { get; } = new(ShardKeyKind.Named, 0);

    /// <summary>Which rule it is.</summary>
    public ShardKeyKind Kind { get; }

    /// <summary>The first bytes of the key; all of it if it is shorter.</summary>
    /// <param name="length">How many bytes, from 1 to 255.</param>
    public static ShardKey First(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, byte.MaxValue);
        return new ShardKey(ShardKeyKind.First, length);
    }

    /// <summary>What is before the first delimiter in the key; all of it if there is none.</summary>
    /// <param name="delimiter">The delimiter, for example <c>(byte)'/'</c>.</param>
    public static ShardKey Until(byte delimiter) => new(ShardKeyKind.Until, delimiter);

    /// <summary>The partition key of a key: a part of it.</summary>
    /// <exception cref="InvalidOperationException">It is not in the key (<see cref="Named"/>).</exception>
    public ReadOnlySpan<byte> PartitionOf(ReadOnlySpan<byte> key)
    {
        switch (Kind)
        {
            case ShardKeyKind.First:
                return key[..Math.Min(key.Length, _number)];
            case ShardKeyKind.Until:
                var end = key.IndexOf((byte)_number);
                return end < 0 ? key : key[..end];
            case ShardKeyKind.Named:
                throw new InvalidOperationException(
                    "The keys of this database do not say their partition (ShardKey.Named). Say it.");
            default:
                return key;
        }
    }

    /// <summary>
    /// As it is written in the layout: <c>whole</c>, <c>first:8</c>, <c>until:2f</c> or <c>named</c>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        ShardKeyKind.First => string.Create(CultureInfo.InvariantCulture, $"{FirstText}{_number}"),
        ShardKeyKind.Until => string.Create(CultureInfo.InvariantCulture, $"{UntilText}{_number:x2}"),
        ShardKeyKind.Named => NamedText,
        _ => WholeText,
    };

    /// <summary>
    /// Whether all keys from one on and below another one have the same partition key, because they all begin with what
    /// says it.
    /// </summary>
    /// <param name="from">The first key of the range.</param>
    /// <param name="to">The first one behind it.</param>
    /// <param name="partition">The partition key, a part of the first key.</param>
    internal bool TryPartitionOfRange(
        ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, out ReadOnlySpan<byte> partition)
    {
        partition = default;
        var end = Kind switch
        {
            ShardKeyKind.First when from.Length >= _number => _number,
            ShardKeyKind.Until => from.IndexOf((byte)_number) + 1,
            _ => 0,
        };
        if (end == 0 || !IsAtMostBehind(to, from[..end]))
        {
            return false;
        }

        partition = PartitionOf(from);
        return true;
    }

    internal static bool TryParse(string text, out ShardKey key)
    {
        key = Whole;
        if (text.StartsWith(FirstText, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(FirstText.Length), CultureInfo.InvariantCulture, out var length)
            && length is >= 1 and <= byte.MaxValue)
        {
            key = First(length);
        }
        else if (text.StartsWith(UntilText, StringComparison.Ordinal)
            && byte.TryParse(
                text.AsSpan(UntilText.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var delimiter))
        {
            key = Until(delimiter);
        }
        else if (text == NamedText)
        {
            key = Named;
        }

        return key.ToString() == text;
    }

    /// <summary>Whether a key is not behind the first one that follows all those with a prefix.</summary>
    private static bool IsAtMostBehind(ReadOnlySpan<byte> key, ReadOnlySpan<byte> prefix)
    {
        if (key.StartsWith(prefix) || key.SequenceCompareTo(prefix) < 0)
        {
            return true;
        }

        var significant = prefix.TrimEnd(byte.MaxValue);
        if (significant.IsEmpty)
        {
            return true;
        }

        Span<byte> behind = stackalloc byte[significant.Length];
        significant.CopyTo(behind);
        behind[^1]++;
        return key.SequenceCompareTo(behind) <= 0;
    }
}
