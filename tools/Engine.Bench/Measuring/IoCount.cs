namespace Engine.Bench.Measuring;

/// <summary>
/// What this process wrote through system calls so far, and what was read from the disk for it, through memory maps
/// too; zeros where the kernel does not tell.
/// </summary>
internal readonly record struct IoCount(long WrittenBytes, long WriteCalls, long DiskReadBytes)
{
    public static IoCount operator -(IoCount left, IoCount right) =>
        new(
            left.WrittenBytes - right.WrittenBytes,
            left.WriteCalls - right.WriteCalls,
            left.DiskReadBytes - right.DiskReadBytes);

    public static IoCount Now()
    {
        const string Source = "/proc/self/io";
        if (!File.Exists(Source))
        {
            return default;
        }

        long bytes = 0, calls = 0, read = 0;
        foreach (string line in File.ReadLines(Source))
        {
            if (line.StartsWith("wchar:", StringComparison.Ordinal))
            {
                bytes = long.Parse(line.AsSpan(6));
            }
            else if (line.StartsWith("syscw:", StringComparison.Ordinal))
            {
                calls = long.Parse(line.AsSpan(6));
            }
            else if (line.StartsWith("read_bytes:", StringComparison.Ordinal))
            {
                read = long.Parse(line.AsSpan(11));
            }
        }

        return new IoCount(bytes, calls, read);
    }
}
