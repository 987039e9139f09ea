using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine.Trees;

/// <summary>
/// How entries that expire are stored (docs/format.md section 4). The value of an entry begins with the time from which
/// on it has expired, and is the rest, in one piece. The time index has the same time, so that its order is that of
/// the bytes, and behind it the key.
/// </summary>
internal static class ExpiryForm
{
    /// <summary>Bytes of the time: before the value, and before the key in the time index.</summary>
    public const int TimeLength = sizeof(ulong);

    /// <summary>The time of an entry that does not expire.</summary>
    public const ulong Never = ulong.MaxValue;

    /// <summary>The latest time but never: the last millisecond that a <see cref="DateTimeOffset"/> has.</summary>
    public const ulong Latest = 253_402_300_799_999;

    /// <summary>The time now, in milliseconds since 1970, rounded down: nothing expires before its time.</summary>
    public static ulong Now(TimeProvider provider) =>
        (ulong)Math.Max(0, provider.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>
    /// A time as it is stored: rounded up to milliseconds. What is before 1970 is past like that; the end of all times
    /// is never.
    /// </summary>
    public static ulong From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var milliseconds =
            (ulong)((Math.Max(0, ticks) + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        return milliseconds <= Latest ? milliseconds : Never;
    }

    /// <summary>The time that is so much later than another one; never, if that is beyond all times.</summary>
    public static ulong After(ulong now, TimeSpan timeToLive)
    {
        var milliseconds = ((ulong)timeToLive.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        return now <= Latest && milliseconds <= Latest - now ? now + milliseconds : Never;
    }

    /// <summary>A stored time as others know it; null for never.</summary>
    /// <exception cref="DatabaseCorruptException">There is no such time.</exception>
    public static DateTimeOffset? ToTime(ulong time)
    {
        if (time > Latest && time != Never)
        {
            ThrowNoTime(time);
        }

        return time == Never ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)time);
    }

    /// <summary>The time that the value of an entry begins with.</summary>
    /// <param name="stored">The value as it is stored.</param>
    /// <exception cref="DatabaseCorruptException">It is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong TimeOf(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < TimeLength)
        {
            ThrowTooShort(stored.Length);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(stored);
    }

    /// <summary>The time that an entry of the time index begins with.</summary>
    /// <param name="indexKey">The entry's key.</param>
    /// <exception cref="DatabaseCorruptException">It is too short.</exception>
    public static ulong TimeOfIndexKey(ReadOnlySpan<byte> indexKey)
    {
        if (indexKey.Length < TimeLength)
        {
            ThrowTooShort(indexKey.Length);
        }

        return BinaryPrimitives.ReadUInt64BigEndian(indexKey);
    }

    /// <summary>Whether an entry has expired.</summary>
    public static bool IsExpired(ulong time, ulong now) => time <= now;

    /// <summary>The key that an entry has in the time index.</summary>
    /// <param name="time">When it expires; not never.</param>
    /// <param name="key">Its key.</param>
    /// <param name="scratch">Memory that may serve; if it is too short, new memory does.</param>
    public static ReadOnlySpan<byte> IndexKey(ulong time, ReadOnlySpan<byte> key, Span<byte> scratch)
    {
        var length = TimeLength + key.Length;
        var destination = length <= scratch.Length ? scratch[..length] : new byte[length];
        BinaryPrimitives.WriteUInt64BigEndian(destination, time);
        key.CopyTo(destination[TimeLength..]);
        return destination;
    }

    /// <summary>Writes a value behind its time.</summary>
    public static void Write(Span<byte> destination, ulong time, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, time);
        value.CopyTo(destination[TimeLength..]);
    }

    [DoesNotReturn]
    private static void ThrowTooShort(int length) => throw new DatabaseCorruptException(
        $"An expiring tree or its time index has an entry with {length} bytes where a time of {TimeLength} begins. Run "
        + "the integrity check and restore from a backup, or salvage what is readable.");

    [DoesNotReturn]
    private static void ThrowNoTime(ulong time) => throw new DatabaseCorruptException(
        $"An entry of an expiring tree expires {time} milliseconds after 1970, which no clock shows. Run the integrity "
        + "check and restore from a backup, or salvage what is readable.");
}
