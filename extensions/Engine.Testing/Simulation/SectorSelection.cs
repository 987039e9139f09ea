namespace Engine.Testing.Simulation;

/// <summary>
/// Which of the sector writes since the last flush reached the disk. Sectors are numbered in the order of the writes.
/// </summary>
internal readonly record struct SectorSelection(SelectionKind Kind, ulong A, ulong B = 0)
{
    public static SectorSelection All => new(SelectionKind.AllBut, ulong.MaxValue, ulong.MaxValue);

    public static SectorSelection None => new(SelectionKind.Only, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Sector i iff bit i of the mask; the mask repeats after 64.</summary>
    public static SectorSelection Mask(ulong mask) => new(SelectionKind.Mask, mask);

    public static SectorSelection Prefix(int count) => new(SelectionKind.Prefix, (ulong)count);

    public static SectorSelection AllBut(int first, int second = -1) =>
        new(SelectionKind.AllBut, (ulong)first, (ulong)second);

    public static SectorSelection Only(int first, int second = -1) =>
        new(SelectionKind.Only, (ulong)first, (ulong)second);

    /// <summary>Each sector by a throw of dice.</summary>
    public static SectorSelection Random(ulong seed) => new(SelectionKind.Random, seed);

    public bool Keeps(int sector) => Kind switch
    {
        SelectionKind.Mask => (A >> (sector & 63) & 1) != 0,
        SelectionKind.Prefix => (ulong)sector < A,
        SelectionKind.AllBut => (ulong)sector != A && (ulong)sector != B,
        SelectionKind.Only => (ulong)sector == A || (ulong)sector == B,
        _ => (Dice.Mix(A + (ulong)sector) & 1) != 0,
    };
}
