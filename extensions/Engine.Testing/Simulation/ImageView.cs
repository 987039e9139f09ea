namespace Engine.Testing.Simulation;

/// <summary>
/// What a power cut left, in memory that is used again for the next one. Most images are looked at once and known
/// already.
/// </summary>
internal readonly ref struct ImageView
{
    public ImageView(DiskImage image)
        : this(image.Database is not null, image.Database, image.Temporary is not null, image.Temporary, image.Lock)
    {
    }

    public ImageView(
        bool hasDatabase,
        ReadOnlySpan<byte> database,
        bool hasTemporary,
        ReadOnlySpan<byte> temporary,
        LockRecord @lock = default)
    {
        Lock = @lock;
        HasDatabase = hasDatabase;
        Database = database;
        HasTemporary = hasTemporary;
        Temporary = temporary;
    }

    /// <summary>What the lock file says.</summary>
    public LockRecord Lock { get; }

    public bool HasDatabase { get; }

    public ReadOnlySpan<byte> Database { get; }

    public bool HasTemporary { get; }

    public ReadOnlySpan<byte> Temporary { get; }

    public DiskImage ToImage() =>
        new(HasDatabase ? Database.ToArray() : null, HasTemporary ? Temporary.ToArray() : null, Lock);
}
