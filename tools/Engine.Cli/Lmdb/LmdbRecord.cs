using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>
/// The record of one database (48 bytes): in a meta, in a node of the unnamed database, or in a node with many values.
/// </summary>
/// <param name="Flags">The flags.</param>
/// <param name="Depth">Levels; 0 if it is empty.</param>
/// <param name="Entries">Entries, each value of a key counted.</param>
/// <param name="Root">The root page; <see cref="LmdbLayout.NoPage"/> if it is empty.</param>
internal readonly record struct LmdbRecord(LmdbFlags Flags, int Depth, ulong Entries, ulong Root)
{
    public bool IsEmpty => Root == NoPage;

    public static LmdbRecord Read(ReadOnlySpan<byte> bytes) =>
        new((LmdbFlags)U16(bytes, 4), U16(bytes, 6), U64(bytes, 32), U64(bytes, 40));
}
