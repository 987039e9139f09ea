using System.Buffers.Binary;

namespace Engine.Cli.Records;

/// <summary>
/// What an input is that holds no lines of UTF-8: its first bytes say so, and what has to be done first.
/// </summary>
/// <param name="Is">What it is: "compressed by gzip".</param>
/// <param name="Advice">What to do.</param>
internal sealed record InputSignature(string Is, string Advice)
{
    /// <summary>So many bytes tell, if there are as many.</summary>
    public const int Length = 32;

    /// <summary>Finds what the input is; null if it may well be lines of text.</summary>
    /// <param name="start">Its first bytes.</param>
    public static InputSignature? Find(ReadOnlySpan<byte> start) =>
        FindCompression(start) ?? FindEncoding(start) ?? FindDatabase(start);

    private static InputSignature? FindCompression(ReadOnlySpan<byte> start)
    {
        // Reserved bits of the flags are zero; a key could begin with the two bytes of the mark alone.
        if (start is [0x1F, 0x8B, 0x08, < 0x20, ..])
            return Compressed("gzip", "zcat");
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
            return Compressed("zstd", "zstdcat");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return Compressed("xz", "xzcat");
        if (start is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53,
            0x59, ..])
            return Compressed("bzip2", "bzcat");
        if (start.StartsWith("PK\u0003\u0004"u8))
            return Compressed("zip", "unzip -p");
        return null;
    }

    private static InputSignature? FindEncoding(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0])
            || start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
            return Encoded("UTF-32");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) && IsWide(start[2..], zeroAt: 1))
            return Encoded("UTF-16");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) && IsWide(start[2..], zeroAt: 0))
            return Encoded("UTF-16");

        // Without a mark it can be told where a text can only begin with certain characters.
        if (StartsWithWide(start, "VERSION=", zeroAt: 1) || StartsWithWide(start, "{\"", zeroAt: 1))
            return Encoded("UTF-16LE");
        return StartsWithWide(start, "VERSION=", zeroAt: 0) || StartsWithWide(start, "{\"", zeroAt: 0)
            ? Encoded("UTF-16BE") : null;
    }

    private static InputSignature? FindDatabase(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("ENGNKVDB"u8))
            return new InputSignature("a database of this engine", "dump it with engine dump, and load the dump");
        if (start.StartsWith("SQLite format 3\0"u8))
            return new InputSignature("a database of SQLite",
                "write its rows as lines first, for example with sqlite3 -tabs");
        const uint Lmdb = 0xBEEFC0DE;
        bool isLmdb = start.Length >= 28
            && (BinaryPrimitives.ReadUInt32LittleEndian(start[16..]) == Lmdb
                || BinaryPrimitives.ReadUInt32LittleEndian(start[24..]) == Lmdb);
        return isLmdb ? new InputSignature("a data file of LMDB", "engine import FILE LMDBFILE reads it") : null;
    }

    /// <summary>
    /// Whether what follows the mark looks like UTF-16: it holds a character of ASCII, if only the tab, or it is
    /// nothing. Keys of a tab-separated line may begin with any bytes.
    /// </summary>
    private static bool IsWide(ReadOnlySpan<byte> units, int zeroAt)
    {
        for (int i = 0; i + 1 < units.Length; i += 2)
        {
            if (units[i + zeroAt] == 0
                && units[i + 1 - zeroAt] is (>= (byte)' ' and <= (byte)'~') or (byte)'\t' or (byte)'\r' or (byte)'\n')
                return true;
        }

        return units.IsEmpty;
    }

    private static bool StartsWithWide(ReadOnlySpan<byte> start, string text, int zeroAt)
    {
        if (start.Length < 2 * text.Length)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (start[2 * i + zeroAt] != 0 || start[2 * i + 1 - zeroAt] != text[i])
                return false;
        }

        return true;
    }

    private static InputSignature Compressed(string by, string program) =>
        new($"compressed by {by}", $"decompress it on the way: {program} INPUT | engine load FILE - --format FORMAT");

    private static InputSignature Encoded(string encoding) =>
        new($"text in {encoding}",
            $"convert it on the way: iconv -f {encoding} -t UTF-8 INPUT | engine load FILE - --format FORMAT");
}
