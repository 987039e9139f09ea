namespace Engine.PropertyTests.Malformed;

/// <summary>Writes entries of the space log, and cuts a log between its groups (docs/format.md section 9).</summary>
internal static class LogEntryCutter
{
    /// <summary>Cuts sound entries into parts that each begin with a group, as pages do.</summary>
    public static byte[][] Cut(ReadOnlySpan<byte> entries, int parts)
    {
        var groups = new List<int>();
        for (var at = 0; at < entries.Length;)
        {
            if (entries[at] == 1)
            {
                groups.Add(at);
            }

            at = Skip(entries, at);
        }

        var cuts = new byte[parts][];
        for (var i = 0; i < parts; i++)
        {
            var from = groups[i * groups.Count / parts];
            var to = i + 1 < parts ? groups[(i + 1) * groups.Count / parts] : entries.Length;
            cuts[i] = entries[from..to].ToArray();
        }

        return cuts;
    }

    /// <summary>Where the entries of a log begin; stops where it is not sound.</summary>
    public static List<int> Starts(ReadOnlySpan<byte> entries)
    {
        var starts = new List<int>();
        for (var at = 0; at < entries.Length;)
        {
            starts.Add(at);
            var next = Skip(entries, at);
            if (next <= at || next > entries.Length)
            {
                break;
            }

            at = next;
        }

        return starts;
    }

    public static byte[] Group(ulong id) => [1, .. Number(id)];

    public static byte[] Free(ulong first, ulong pages, ulong difference) =>
        [2, .. Number(first), .. Number(pages), .. Number(difference)];

    public static byte[] Allocate(long page) => Allocate((ulong)page, 1);

    public static byte[] Allocate(ulong first, ulong pages) => [3, .. Number(first), .. Number(pages)];

    public static byte[] Name(bool isPin, ulong id) => [(byte)(isPin ? 4 : 5), .. Number(id)];

    public static byte[] Number(ulong number)
    {
        var bytes = new List<byte>();
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
        return [.. bytes];
    }

    /// <summary>The offset behind an entry.</summary>
    public static int Skip(ReadOnlySpan<byte> entries, int at)
    {
        var numbers = entries[at++] switch { 2 => 3, 3 => 2, _ => 1 };
        while (numbers > 0 && at < entries.Length)
        {
            if (entries[at++] < 0x80)
            {
                numbers--;
            }
        }

        return at;
    }
}
