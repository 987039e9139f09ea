namespace Engine.Bench.Footprints;

/// <summary>A peer's memory.</summary>
/// <param name="Peer">Its name.</param>
/// <param name="Entries">Entries of the filled database.</param>
/// <param name="Measured">What was measured.</param>
internal sealed record FootprintRow(string Peer, long Entries, FootprintAnswer Measured)
{
    /// <summary>What 10^6 entries add to a database that is read.</summary>
    public Footprint PerMillion
    {
        get
        {
            Footprint added = Measured.Read - Measured.Empty;
            return new Footprint(Scaled(added.Private), Scaled(added.Mapped), Scaled(added.Managed));
        }
    }

    private long Scaled(long bytes) => (long)(bytes * 1e6 / Entries);
}
