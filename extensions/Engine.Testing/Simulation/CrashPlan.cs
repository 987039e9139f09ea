namespace Engine.Testing.Simulation;

/// <summary>
/// What a power cut makes of the writes since the last flush. Plain numbers, taken modulo what there is, so that every
/// plan fits every moment and the same plan gives the same disk again.
/// </summary>
/// <param name="Keep">The sectors that reached the disk.</param>
/// <param name="TearSector">The kept sector of which only the beginning arrived; −1 for none.</param>
/// <param name="TearWords">How many of its 8-byte words arrived.</param>
/// <param name="Fill">What lost sectors hold.</param>
/// <param name="FillSector">The only lost sector that the fill concerns, or −1 for all.</param>
/// <param name="Length">
/// Which of the lengths that the file had since the last flush is persisted; 0 is the newest.
/// </param>
/// <param name="Directory">Which of the directory's states since its last flush is persisted; 0 is the newest.</param>
/// <param name="Seed">
/// Decides garbage, how old stale is, mixed fills, and which words of the lock file are there.
/// </param>
/// <param name="Lock">What becomes of the lock file, a <see cref="LockFate"/>.</param>
internal readonly record struct CrashPlan(
    SectorSelection Keep,
    int TearSector = -1,
    int TearWords = 0,
    CrashFill Fill = CrashFill.Old,
    int FillSector = -1,
    int Length = 0,
    int Directory = 0,
    ulong Seed = 0,
    int Lock = 0)
{
    /// <summary>Everything arrived.</summary>
    public static CrashPlan Everything => new(SectorSelection.All);

    /// <summary>
    /// Nothing arrived since the last flush, not even the length, a name, or a word of the lock
    /// file.
    /// </summary>
    public static CrashPlan Nothing =>
        new(SectorSelection.None, Length: -1, Directory: -1, Lock: (int)LockFate.Durable);

    /// <summary>Any, for a moment at which so many sectors wait for a flush.</summary>
    public static CrashPlan Random(ulong seed, int sectors)
    {
        var dice = Dice.Mix(seed);
        int Throw(int sides)
        {
            dice = Dice.Mix(dice);
            return (int)(dice % (ulong)sides);
        }

        sectors = Math.Max(1, sectors);
        var keep = Throw(12) switch
        {
            0 => SectorSelection.None,
            1 => SectorSelection.All,
            2 => SectorSelection.Prefix(Throw(sectors + 1)),
            3 => SectorSelection.AllBut(Throw(sectors)),
            4 => SectorSelection.AllBut(Throw(sectors), Throw(sectors)),
            5 => SectorSelection.Only(Throw(sectors)),
            6 => SectorSelection.Only(Throw(sectors), Throw(sectors)),
            _ => SectorSelection.Random(Dice.Mix(dice)),
        };
        return new CrashPlan(
            keep,
            TearSector: Throw(3) == 0 ? Throw(sectors) : -1,
            TearWords: Throw(64),
            Fill: (CrashFill)Throw(5),
            FillSector: Throw(2) == 0 ? Throw(sectors) : -1,
            Length: Throw(2) * Throw(4),
            Directory: Throw(3),
            Lock: Throw(4),
            Seed: Dice.Mix(dice));
    }
}
