using System.Buffers.Binary;

namespace Engine.Tests.Infrastructure;

/// <summary>A named snapshot of a <see cref="TestImage"/>: a state that the newest one does not reach any more.</summary>
internal sealed class ImageSnapshot(ulong id)
{
    public const string Tree = "engine:snapshots";

    /// <summary>What the pages of its default tree are called.</summary>
    public const string DefaultTree = "<snapshot>";

    private byte[] _mainRecord = [];
    private byte[] _catalogRecord = [];

    public ulong Id { get; } = id;

    public List<string> Names { get; } = [];

    public ImageTree Default { get; } = new(0);

    public ImageTree Catalog { get; } = new(1);

    /// <summary>Whether it is the very state that has the entry.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Whether it has the default tree of the newest state instead of one of its own.</summary>
    public bool SharesDefault { get; init; }

    /// <summary>The pages that it does not share.</summary>
    public List<ImagePage> Pages { get; } = [];

    /// <summary>The roots, whose CRCs its entries hold.</summary>
    public (ImagePage? Main, ImagePage? Catalog) Roots { get; private set; }

    /// <summary>What stands under each of its names.</summary>
    public byte[] Entry
    {
        get
        {
            var entry = new byte[168];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, Id);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), 1_600_000_000_000);
            entry[17] = (byte)(IsOwn ? 1 : 0);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(24), IsOwn ? 1UL : 1000);
            if (!IsOwn)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(32), 20);
                _mainRecord.CopyTo(entry, 40);
                _catalogRecord.CopyTo(entry, 104);
            }

            return entry;
        }
    }

    /// <summary>Writes its trees, and its entries into the tree of names.</summary>
    public void Write(ImageBuilder builder, byte[] defaultRecord, ImagePage? defaultRoot, List<ImagePage> pages)
    {
        var known = pages.Count;
        var (id, oldest) = (builder.Id, builder.OldestBirth);
        if (!IsOwn)
        {
            (builder.Id, builder.OldestBirth) = (Id, Id - 1);
            var root = defaultRoot;
            _mainRecord = SharesDefault
                ? defaultRecord
                : new ImageTreeWriter(builder, DefaultTree, Default).Write(out root);
            _catalogRecord = new ImageTreeWriter(builder, TestImage.Catalog, Catalog).Write(out var catalogRoot);
            Roots = (root, catalogRoot);
            (builder.Id, builder.OldestBirth) = (id, oldest);
        }

        Pages.AddRange(pages.Skip(known));
        foreach (var name in Names)
            builder.Tree(Tree).Put(System.Text.Encoding.UTF8.GetBytes(name), Entry);
    }

    /// <summary>Frees its pages in the newest transaction, and pins it once for each name.</summary>
    public void WriteLog(ImageLog log, ulong transaction)
    {
        log.Group(transaction);
        foreach (var page in Pages)
            log.Free(page.Number, (ulong)page.Length, transaction - page.Birth);
        foreach (var _ in Names)
            log.Pin(Id);
    }
}
