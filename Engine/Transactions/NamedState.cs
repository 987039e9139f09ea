using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Transactions;

/// <summary>What the tree of names has under a name (docs/format.md section 4): a state that is kept.</summary>
internal readonly record struct NamedState
{
    public const int Length = 168;
    private const int KindOffset = 16;
    private const int FlagsOffset = 17;
    private const int PageCountOffset = 24;
    private const int NextTreeIdOffset = 32;
    private const int MainOffset = 40;
    private const int CatalogOffset = 104;
    private const byte OwnFlag = 1;

    /// <summary>The id of the state, by which its pages are held.</summary>
    public required ulong Id { get; init; }

    /// <summary>When it was named, in milliseconds since 1970.</summary>
    public required long Time { get; init; }

    public required SnapshotKind Kind { get; init; }

    /// <summary>
    /// Whether it is the very state that has this entry. Then it has the roots of that one; the next commit puts them
    /// here.
    /// </summary>
    public bool IsOwn { get; init; }

    /// <summary>Of one that is the very state that has the entry: tells the entry from later ones.</summary>
    public ulong Mark { get; init; }

    public ulong PageCount { get; init; }

    public ulong NextTreeId { get; init; }

    public TreeRecord Main { get; init; }

    public TreeRecord Catalog { get; init; }

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(Time);

    /// <summary>The same with the roots of a state.</summary>
    public NamedState Of(PublishedState state, ulong id) => this with
    {
        Id = id,
        IsOwn = false,
        Mark = 0,
        PageCount = state.OwnPageCount,
        NextTreeId = state.NextTreeId,
        Main = state.Main,
        Catalog = state.Catalog,
    };

    /// <summary>Writes an entry's value.</summary>
    public void Write(Span<byte> value)
    {
        value[..Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(value, Id);
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], Time);
        value[KindOffset] = (byte)Kind;
        value[FlagsOffset] = IsOwn ? OwnFlag : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(value[PageCountOffset..], IsOwn ? Mark : PageCount);
        BinaryPrimitives.WriteUInt64LittleEndian(value[NextTreeIdOffset..], NextTreeId);
        Main.Write(value[MainOffset..]);
        Catalog.Write(value[CatalogOffset..]);
    }

    /// <summary>Reads an entry's value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="source">What its pages are read from, later.</param>
    /// <param name="named">What it says.</param>
    /// <returns>False if no engine wrote it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, PageSource source, out NamedState named)
    {
        named = default;
        if (value.Length != Length
            || value[KindOffset] > (byte)SnapshotKind.Consumer
            || value[FlagsOffset] > OwnFlag
            || value[(FlagsOffset + 1)..PageCountOffset].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        var isOwn = value[FlagsOffset] == OwnFlag;
        var pageCount = BinaryPrimitives.ReadUInt64LittleEndian(value[PageCountOffset..]);
        named = new NamedState
        {
            Id = BinaryPrimitives.ReadUInt64LittleEndian(value),
            Time = BinaryPrimitives.ReadInt64LittleEndian(value[8..]),
            Kind = (SnapshotKind)value[KindOffset],
            IsOwn = isOwn,
            Mark = isOwn ? pageCount : 0,
            PageCount = isOwn ? 0 : pageCount,
            NextTreeId = BinaryPrimitives.ReadUInt64LittleEndian(value[NextTreeIdOffset..]),
            Main = TreeRecord.Read(value[MainOffset..]),
            Catalog = TreeRecord.Read(value[CatalogOffset..]),
        };
        return named.Id is >= 1 and <= Meta.MaxId
            && named.Time >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            && named.Time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && (isOwn
                ? named.NextTreeId == 0 && named.Main == default && named.Catalog == default
                : named.HasPossibleRoots(source));
    }

    private bool HasPossibleRoots(PageSource source)
    {
        var first = PageLayout.FirstPage(source.PageSize);
        return PageCount >= first
            && Main.IsPlausible(first, source.PageLimit)
            && Catalog.IsPlausible(first, source.PageLimit)
            && ((Main.Flags | Catalog.Flags) & ~TreeFlags.Known) == TreeFlags.None;
    }
}
