using System.Buffers.Binary;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// Accepts each message of each writer once, and in order: the server forgets ids of messages after a while, and lets
/// a message overtake another one that was lost. A writer whose message was passed over sees that, and writes it and
/// what followed it again.
/// </summary>
internal sealed class WriterTable(Database database)
{
    /// <summary>A writer that is not known, and older than this, is not let in: it may have been forgotten.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>A writer that wrote nothing for so long is forgotten; more than the above.</summary>
    public static readonly TimeSpan MaxIdle = TimeSpan.FromHours(48);

    /// <summary>How often the idle ones are looked for, in messages.</summary>
    private const ulong ForgettingInterval = 4096;

    private const int Length = 16;

    private readonly Tree _tree = database.GetTree(StateTrees.Writers);

    /// <summary>Number of the last message of a writer that a database has accepted; 0 if it knows of none.</summary>
    public static ulong LastOf(Database database, Guid writer)
    {
        Span<byte> key = stackalloc byte[Envelope.WriterLength];
        writer.TryWriteBytes(key, bigEndian: true, out _);
        using var read = database.BeginRead();
        return read[database.GetTree(StateTrees.Writers)].TryGet(key, out var value)
            ? BinaryPrimitives.ReadUInt64LittleEndian(value)
            : 0;
    }

    /// <summary>Whether the message is the next of its writer.</summary>
    public bool TryAccept(WriteTransaction tx, Guid writer, ulong number, long ticks, out ulong last)
    {
        Span<byte> key = stackalloc byte[Envelope.WriterLength];
        Span<byte> value = stackalloc byte[Length];
        writer.TryWriteBytes(key, bigEndian: true, out _);
        var isKnown = tx[_tree].TryGet(key, value, out _) == GetResult.Found;
        last = isKnown ? BinaryPrimitives.ReadUInt64LittleEndian(value) : 0;
        if (number != last + 1 || (!isKnown && AgeOf(key, ticks) > MaxAge))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(value, number);
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], ticks);
        tx[_tree].Put(key, value);
        last = number;
        return true;
    }

    public void ForgetIdle(WriteTransaction tx, in LogMessage message)
    {
        if (message.Sequence % ForgettingInterval != 0)
        {
            return;
        }

        Span<byte> value = stackalloc byte[Length];
        var cursor = tx[_tree].OpenCursor();
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            if (cursor.TryCopyValue(value, out _)
                && message.Ticks - BinaryPrimitives.ReadInt64LittleEndian(value[8..]) > MaxIdle.Ticks)
            {
                cursor.Delete();
            }
        }
    }

    /// <summary>How long ago the id was made: it begins with the time, in milliseconds since 1970.</summary>
    private static TimeSpan AgeOf(ReadOnlySpan<byte> writer, long ticks)
    {
        var made = (long)(BinaryPrimitives.ReadUInt64BigEndian(writer) >> 16);
        var now = (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return TimeSpan.FromMilliseconds(now - made);
    }
}
