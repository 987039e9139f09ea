namespace Engine.Testing.Simulation;

/// <summary>
/// What sectors held before the flushes that replaced it, so that a lost write can leave an older version of a page
/// behind, all its sectors from the same moment and its checksum right.
/// </summary>
internal sealed class SectorHistory
{
    // Older versions than this many flushes are of no interest: whatever tells one stale page from the right one tells
    // all.
    private const int Depth = 8;

    private readonly Dictionary<int, List<(int Flush, byte[] Bytes)>> _versions = [];
    private int _flush;

    /// <summary>Keeps the sectors of a range as they are before it is overwritten.</summary>
    public void Remember(ReadOnlySpan<byte> durable, int offset, int length)
    {
        for (var sector = offset / SimulatedDisk.SectorSize;
            sector * SimulatedDisk.SectorSize < offset + length;
            sector++)
        {
            var start = sector * SimulatedDisk.SectorSize;
            if (start >= durable.Length)
            {
                continue;
            }

            if (!_versions.TryGetValue(sector, out var versions))
            {
                _versions.Add(sector, versions = []);
            }

            // Only the first overwrite of a sector between two flushes replaces something that was durable.
            if (versions.Count == 0 || versions[^1].Flush != _flush)
            {
                if (versions.Count == Depth)
                {
                    versions.RemoveAt(0);
                }

                versions.Add(
                    (
                        _flush,
                        durable.Slice(start, Math.Min(SimulatedDisk.SectorSize, durable.Length - start)).ToArray()));
            }
        }
    }

    public void NextFlush() => _flush++;

    /// <summary>
    /// Fills a range within one sector with what it held before one of the last flushes; leaves it if nothing older is
    /// known.
    /// </summary>
    public void CopyTo(Span<byte> target, int offset, ulong seed)
    {
        if (!_versions.TryGetValue(offset / SimulatedDisk.SectorSize, out var versions))
        {
            return;
        }

        var moment = _flush - 1 - (int)(seed % Depth);
        var within = offset % SimulatedDisk.SectorSize;
        foreach (var (flush, bytes) in versions)
        {
            if (flush >= moment)
            {
                if (within + target.Length <= bytes.Length)
                {
                    bytes.AsSpan(within, target.Length).CopyTo(target);
                }

                return;
            }
        }
    }
}
