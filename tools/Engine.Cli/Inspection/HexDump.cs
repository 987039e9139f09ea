using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>Writes bytes in hexadecimal, beside what they are.</summary>
internal static class HexDump
{
    /// <summary>Bytes on a line of an annotated dump.</summary>
    private const int FieldBytes = 8;

    /// <summary>Bytes on a line of a plain one.</summary>
    private const int LineBytes = 16;

    /// <summary>Region after region; what no region covers comes under a name of its own.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="list">The bytes and their regions.</param>
    /// <param name="everything">All regions; otherwise those of the header alone.</param>
    /// <param name="shorten">Whether a long region shows its first bytes only.</param>
    public static void WriteAnnotated(Output output, RegionList list, bool everything, bool shorten)
    {
        int end = 0;
        PageRegion[] regions =
            [.. list.Regions.Where(region => everything || region.IsHeader).OrderBy(region => region.Offset)];
        int nameWidth = regions.Length == 0 ? 0 : regions.Max(region => region.Name.Length);
        foreach (PageRegion region in regions)
        {
            if (everything && region.Offset > end)
                Write(
                    output,
                    list.Bytes,
                    new PageRegion(end, region.Offset - end, "dead", "bytes that belong to nothing"),
                    nameWidth,
                    shorten);
            Write(output, list.Bytes, region, nameWidth, shorten);
            end = Math.Max(end, region.Offset + region.Length);
        }

        if (everything && end < list.Bytes.Length)
            Write(
                output,
                list.Bytes,
                new PageRegion(end, list.Bytes.Length - end, "rest", "bytes that belong to nothing"),
                nameWidth,
                shorten);
    }

    /// <summary>Bytes and their characters; a stretch of equal lines as one.</summary>
    public static void WritePlain(Output output, ReadOnlySpan<byte> bytes, int start = 0)
    {
        bool isRepeating = false;
        for (int at = 0; at < bytes.Length; at += LineBytes)
        {
            ReadOnlySpan<byte> line = bytes[at..Math.Min(at + LineBytes, bytes.Length)];
            bool isSame = at > 0 && at + LineBytes < bytes.Length
                && line.SequenceEqual(bytes.Slice(at - LineBytes, LineBytes));
            if (isSame)
            {
                if (!isRepeating)
                    output.WriteLine("   *");
                isRepeating = true;
                continue;
            }

            isRepeating = false;
            output.WriteLine($"{start + at,5}  {Hex(line),-47}  {Characters(line)}");
        }
    }

    private static void Write(Output output, byte[] bytes, PageRegion region, int nameWidth, bool shorten)
    {
        int length = Math.Clamp(region.Length, 0, bytes.Length - region.Offset);
        ReadOnlySpan<byte> all = bytes.AsSpan(region.Offset, length);
        bool isUniform = length > 2 * FieldBytes && !all.ContainsAnyExcept(all[0]);
        int shown = shorten || isUniform ? Math.Min(length, FieldBytes) : length;
        string dots = shown < length ? " …" : "";
        string start = $"{region.Offset,5}  "
            + $"{Hex(all[..Math.Min(shown, FieldBytes)]) + dots,-26}{region.Name.PadRight(nameWidth)}  ";
        TextWrap.WriteLine(output, (start + region.Meaning).TrimEnd(), start.Length);
        for (int at = FieldBytes; at < shown; at += FieldBytes)
            output.WriteLine($"{region.Offset + at,5}  {Hex(all[at..Math.Min(at + FieldBytes, shown)])}");
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder(bytes.Length * 3);
        foreach (byte value in bytes)
            text.Append(text.Length > 0 ? " " : "").Append(value.ToString("x2"));
        return text.ToString();
    }

    private static string Characters(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
            text[i] = bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '.';
        return new string(text);
    }
}
