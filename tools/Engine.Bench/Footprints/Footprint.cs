namespace Engine.Bench.Footprints;

/// <summary>What a process has in memory at a moment, in bytes.</summary>
/// <param name="Private">
/// Resident memory of its own, the managed heap included (<c>RssAnon</c>): what nobody can take from it.
/// </param>
/// <param name="Mapped">
/// Resident pages of mapped files (<c>RssFile</c>): they are the system's page cache, which it takes back when memory
/// is short, and that others may share.
/// </param>
/// <param name="Managed">Live objects of the managed heap, after a collection.</param>
internal sealed record Footprint(long Private, long Mapped, long Managed)
{
    private const string Source = "/proc/self/status";

    public static Footprint operator -(Footprint left, Footprint right) =>
        new(left.Private - right.Private, left.Mapped - right.Mapped, left.Managed - right.Managed);

    /// <summary>That of this process.</summary>
    /// <exception cref="BenchException">The system does not tell.</exception>
    public static Footprint Now()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
        long managed = GC.GetTotalMemory(forceFullCollection: false);
        if (!File.Exists(Source))
        {
            throw new BenchException($"The memory of a process is read from {Source}, which only Linux has.");
        }

        return Parse(File.ReadLines(Source), managed);
    }

    /// <param name="lines">Lines of <c>/proc/self/status</c>.</param>
    /// <param name="managed">The managed part, which the kernel does not know.</param>
    public static Footprint Parse(IEnumerable<string> lines, long managed)
    {
        long anonymous = 0, file = 0;
        foreach (string line in lines)
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
            {
                anonymous = Kibibytes(line);
            }
            else if (line.StartsWith("RssFile:", StringComparison.Ordinal))
            {
                file = Kibibytes(line);
            }
        }

        return new Footprint(anonymous, file, managed);
    }

    // "RssAnon:	   12345 kB"
    private static long Kibibytes(string line) =>
        long.Parse(line.Split(':', 2)[1].Replace("kB", string.Empty, StringComparison.Ordinal).Trim()) << 10;
}
