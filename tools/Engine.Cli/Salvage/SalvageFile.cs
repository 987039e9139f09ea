using Engine.Cli.Inspection;
using Engine.Integrity;
using Engine.Storage;

namespace Engine.Cli.Salvage;

/// <summary>
/// A damaged file, as far as it can be looked at. Even its head may be gone: then only its pages tell that it was a
/// database.
/// </summary>
internal sealed class SalvageFile : IDisposable
{
    private readonly IDisposable? _owned;

    private SalvageFile(string path, IPageReader reader, long length, IDisposable? owned)
    {
        Path = path;
        Reader = reader;
        Length = length;
        _owned = owned;
    }

    public string Path { get; }

    public IPageReader Reader { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>The superblock; null if it is damaged.</summary>
    public Superblock? Superblock { get; private init; }

    /// <summary>Both meta slots.</summary>
    public required IReadOnlyList<MetaSlot> Slots { get; init; }

    /// <summary>The meta that an open would take; null if there is none.</summary>
    public MetaSlot? Meta { get; private init; }

    /// <summary>Bytes of a page; 0 if neither the superblock nor a meta tells.</summary>
    public required int PageSize { get; init; }

    public static SalvageFile Of(InspectedFile file) => new(file.Path, file.Reader, file.Length, owned: null)
    {
        Superblock = file.Superblock,
        Slots = file.Slots,
        Meta = file.Meta,
        PageSize = file.PageSize,
    };

    /// <summary>
    /// Opens a file whose superblock and metas are all gone; null if it was no database of this engine at all.
    /// </summary>
    public static SalvageFile? TryOpenHeadless(string path, CancellationToken cancellation)
    {
        IStorageFile file = new FileStorage(path, withoutLock: true).OpenFile(writable: false);
        try
        {
            var reader = new StorageFileReader(file);
            bool isHeadless = reader.Length > FileFormat.ReservedLength && !HasMark(reader);
            int pageSize = isHeadless ? PageSizeScan.Find(reader, cancellation) : 0;
            if (pageSize > 0)
                return new SalvageFile(path, reader, reader.Length, file)
                {
                    Slots = [new(reader, 0), new(reader, 1)],
                    PageSize = pageSize
                };
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    public void Dispose() => _owned?.Dispose();

    /// <summary>What has a mark is of this engine, and is opened as such: it may be of another format.</summary>
    private static bool HasMark(StorageFileReader reader)
    {
        Span<byte> start = stackalloc byte[8];
        reader.Read(0, start);
        if (start.SequenceEqual(FileFormat.SuperblockMagic))
            return true;
        for (int slot = 0; slot < 2; slot++)
        {
            reader.Read((1 + slot) * FileFormat.BlockSize, start);
            if (start.SequenceEqual(FileFormat.MetaMagic))
                return true;
        }

        return false;
    }
}
