using System.Buffers.Binary;

namespace Engine.Transactions;

/// <summary>
/// The tree that sequences live in, an ordinary one: a name, and the last number that was taken (docs/format.md section
/// 4).
/// </summary>
internal static class SequenceTree
{
    public const string Name = "engine:sequences";

    public const int ValueLength = sizeof(long);

    /// <summary>How its keys and values are encoded.</summary>
    public static readonly TreeCodecs Codecs = new("utf8", "i64");

    /// <summary>Writes a last number as <c>i64</c>.</summary>
    public static void Write(Span<byte> value, long last) =>
        BinaryPrimitives.WriteInt64BigEndian(value, last ^ long.MinValue);

    /// <summary>Reads a last number.</summary>
    /// <returns>False if no sequence ever had it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out long last)
    {
        last = value.Length == ValueLength ? BinaryPrimitives.ReadInt64BigEndian(value) ^ long.MinValue : -1;
        return last >= 0;
    }

    public static InvalidEncodingException NoNumber(string sequence) => new(
        $"Tree '{Name}' has something under the name '{sequence}' that is no last number of a sequence (0 or more, as "
        + "'i64'): it was written by something else. Put a right one there, or delete it, and the sequence begins "
        + "with 1.");
}
