namespace Engine.Bench.Footprints;

/// <summary>What the process of one peer measured, everything against its memory before.</summary>
/// <param name="Empty">With an empty database open.</param>
/// <param name="Opened">With the filled one open, nothing read yet.</param>
/// <param name="Read">After lookups of random keys and a scan of everything.</param>
/// <param name="FileBytes">The filled database's files, when it was closed.</param>
internal sealed record FootprintAnswer(Footprint Empty, Footprint Opened, Footprint Read, long FileBytes);
