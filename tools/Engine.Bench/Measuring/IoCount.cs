namespace Engine.Bench.Measuring;

/// <summary>What this process wrote through system calls so far; zeros where the kernel does not tell.</summary>
internal readonly record struct IoCount(long WrittenBytes, long WriteCalls)
{
    public static IoCount operator -(IoCount left, IoCount right) =>
        new(left.WrittenBytes - right.WrittenBytes, left.WriteCalls - right.WriteCalls);

    public static IoCount Now()
    {
        const string Source = "/proc/self/io";
        if (!File.Exists(Source))
        {
            return default;
        }

        long bytes = 0, calls = 0;
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
        }

        return new IoCount(bytes, calls);
    }
}
