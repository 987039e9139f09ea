using System.Buffers;
using System.Text;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// The records that the bytes of a state are: a kind, a length, and so many bytes. Messages cut them where they will.
/// </summary>
internal static class StateRecord
{
    /// <summary>Trees that are made, dropped, renamed and redefined, all at once.</summary>
    public const byte Moves = 1;

    /// <summary>The tree that the following entries are of.</summary>
    public const byte Tree = 2;

    /// <summary>An entry that is put: the key with its length in front, and the value.</summary>
    public const byte Put = 3;

    /// <summary>The key of an entry that goes.</summary>
    public const byte Delete = 4;

    private const byte HasFrom = 1;
    private const byte HasTo = 2;

    /// <summary>As they are in the database: what is no UTF-8 is no name.</summary>
    private static readonly UTF8Encoding Names = BatchEncoding.Names;

    public static void WriteMoves(ArrayBufferWriter<byte> target, IReadOnlyCollection<TreeMove> moves)
    {
        var body = new ArrayBufferWriter<byte>();
        Leb128.Write(body, (ulong)moves.Count);
        foreach (var (from, to, definition) in moves)
        {
            body.Write([(byte)((from is null ? 0 : HasFrom) | (to is null ? 0 : HasTo))]);
            if (from is not null)
            {
                Leb128.WriteBytes(body, Names.GetBytes(from));
            }

            if (to is not null)
            {
                Leb128.WriteBytes(body, Names.GetBytes(to));
                Leb128.WriteBytes(body, definition!.ToBytes());
            }
        }

        Write(target, Moves, body.WrittenSpan);
    }

    public static void WriteTree(ArrayBufferWriter<byte> target, string name) =>
        Write(target, Tree, Names.GetBytes(name));

    public static void WriteDelete(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> key) =>
        Write(target, Delete, key);

    public static void WritePut(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        target.Write([Put]);
        Leb128.Write(target, (ulong)(LengthOf((ulong)key.Length) + key.Length) + (ulong)value.Length);
        Leb128.WriteBytes(target, key);
        target.Write(value);
    }

    /// <summary>The moves of a record.</summary>
    /// <returns>Null if it is malformed.</returns>
    /// <exception cref="DatabaseFormatException">A definition needs a newer engine.</exception>
    public static List<TreeMove>? ReadMoves(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var moves = new List<TreeMove>();
        for (var left = reader.ReadCount(); left > 0 && !reader.IsMalformed; left--)
        {
            var flags = reader.ReadByte();
            var from = (flags & HasFrom) != 0 ? Names.GetString(reader.ReadBytes()) : null;
            var to = (flags & HasTo) != 0 ? Names.GetString(reader.ReadBytes()) : null;
            var definition = to is null ? default : reader.ReadBytes();
            if (!reader.IsMalformed)
            {
                moves.Add(new TreeMove(from, to, to is null ? null : TreeDefinition.Parse(definition)));
            }
        }

        return reader.IsMalformed || !reader.IsAtEnd ? null : moves;
    }

    public static string ReadName(ReadOnlySpan<byte> body) => Names.GetString(body);

    private static void Write(ArrayBufferWriter<byte> target, byte kind, ReadOnlySpan<byte> body)
    {
        target.Write([kind]);
        Leb128.WriteBytes(target, body);
    }

    private static int LengthOf(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }
}
