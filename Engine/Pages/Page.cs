using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Engine.Storage;

namespace Engine.Pages;

/// <summary>
/// The address of one page in a map generation or a dirty buffer, and its header. Holding one does not keep the memory
/// alive: the map generation or the dirty list does. Whoever makes one guarantees that a whole page lies at the
/// address.
/// </summary>
internal readonly unsafe struct Page(byte* address)
{
    /// <summary>Start of the page. Only the page and storage layers look behind it.</summary>
    public readonly byte* Address = address;

    public bool IsNull => Address == null;

    // Every header access below stays within the first 32 bytes of a page of at least 256.
    public uint Crc
    {
        get => *(uint*)Address;
        set => *(uint*)Address = value;
    }

    public PageKind Kind => (PageKind)Address[PageLayout.KindOffset];

    public int Level => Address[PageLayout.LevelOffset];

    /// <summary>Kind in the low byte, level in the high one: one load answers both questions of a descent.</summary>
    public ushort KindAndLevel => *(ushort*)(Address + PageLayout.KindOffset);

    public int Skip
    {
        get => *(ushort*)(Address + PageLayout.SkipOffset);
        set => *(ushort*)(Address + PageLayout.SkipOffset) = (ushort)value;
    }

    public ulong Number
    {
        get => *(ulong*)(Address + PageLayout.NumberOffset);
        set => *(ulong*)(Address + PageLayout.NumberOffset) = value;
    }

    public ulong Birth
    {
        get => *(ulong*)(Address + PageLayout.BirthOffset);
        set => *(ulong*)(Address + PageLayout.BirthOffset) = value;
    }

    public int Count
    {
        get => *(ushort*)(Address + PageLayout.CountOffset);
        set => *(ushort*)(Address + PageLayout.CountOffset) = (ushort)value;
    }

    public int HeapBytes
    {
        get => *(ushort*)(Address + PageLayout.HeapBytesOffset);
        set => *(ushort*)(Address + PageLayout.HeapBytesOffset) = (ushort)value;
    }

    public int Dead
    {
        get => *(ushort*)(Address + PageLayout.DeadOffset);
        set => *(ushort*)(Address + PageLayout.DeadOffset) = (ushort)value;
    }

    /// <summary>Branches: whether each child's entry count is there, too.</summary>
    public bool IsCounted
    {
        get => *(ushort*)(Address + PageLayout.FlagsOffset) == PageLayout.CountedPage;
        set => *(ushort*)(Address + PageLayout.FlagsOffset) = value ? PageLayout.CountedPage : (ushort)0;
    }

    /// <summary>Branches: bytes of each child's entry count; 0 if they are not there.</summary>
    public int CountSize => IsCounted ? PageLayout.CountSize(Level) : 0;

    /// <summary>Overflow pages: the value's length in bytes. Log pages: bytes used.</summary>
    public uint Length
    {
        get => *(uint*)(Address + PageLayout.LengthOffset);
        set => *(uint*)(Address + PageLayout.LengthOffset) = value;
    }

    /// <summary>What <see cref="KindAndLevel"/> must be at a level of a tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort TreeKindAndLevel(int level) =>
        (ushort)((level << 8) | (level == 0 ? (int)PageKind.Leaf : (int)PageKind.Branch));

    /// <summary>The page's bytes; the caller knows that <paramref name="length"/> bytes lie there.</summary>
    public Span<byte> Bytes(int length) => new(Address, length);

    /// <summary>Part of a run of pages; the caller knows that they lie there.</summary>
    public Span<byte> BytesFrom(long offset, int length) => new(Address + offset, length);

    /// <summary>
    /// The value of an overflow run whose first page this is; the caller knows that the whole run lies there.
    /// </summary>
    public Span<byte> OverflowValue(uint length) => new(Address + PageLayout.HeaderSize, (int)length);

    /// <summary>Part of a run of pages, to be written; the caller knows that they lie there.</summary>
    public MemoryPiece Piece(long offset, int length) => new(Address + offset, length);

    /// <summary>Whether the page is so many bytes behind another one.</summary>
    public bool IsAt(Page other, long offset) => Address == other.Address + offset;

    /// <summary>Sets kind and level, and clears every other header field and the body.</summary>
    public void Initialize(PageKind kind, int level, int pageSize)
    {
        Bytes(pageSize).Clear();
        Address[PageLayout.KindOffset] = (byte)kind;
        Address[PageLayout.LevelOffset] = (byte)level;
    }

    /// <summary>
    /// Makes this the first page of an overflow run: header, and zeros behind the value up to the run's end. The value
    /// itself is filled by the caller.
    /// </summary>
    public void InitializeOverflow(uint length, ulong pages, int pageSize)
    {
        // Bounded: the caller allocated the whole run. The tail is shorter than a page.
        Bytes(PageLayout.HeaderSize).Clear();
        Address[PageLayout.KindOffset] = (byte)PageKind.Overflow;
        Length = length;
        var used = PageLayout.HeaderSize + (ulong)length;
        new Span<byte>(Address + used, (int)((pages * (ulong)pageSize) - used)).Clear();
    }

    /// <summary>
    /// Makes this the first page of an overflow run whose other pages lie elsewhere: header, and the value's beginning.
    /// </summary>
    public void InitializeOverflow(ReadOnlySpan<byte> beginning, int pageSize)
    {
        Initialize(PageKind.Overflow, level: 0, pageSize);
        beginning.CopyTo(Bytes(pageSize)[PageLayout.HeaderSize..]);
    }

    public void CopyFrom(Page source, int pageSize) => Unsafe.CopyBlock(Address, source.Address, (uint)pageSize);

    /// <summary>
    /// Asks for the lines of header and heads before they are needed: a descent waits for one miss instead of several.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch()
    {
        // A prefetch of any address is harmless.
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Address);
            Sse.Prefetch0(Address + 64);
            Sse.Prefetch0(Address + 128);
            Sse.Prefetch0(Address + 192);
        }
    }

    /// <summary>Asks for the first three lines of a cell: a key and a value of about a hundred bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* cell)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(cell);
            Sse.Prefetch0(cell + 64);
            Sse.Prefetch0(cell + 128);
        }
    }

    /// <summary>Asks for the lines of a cell behind those that <see cref="Prefetch(byte*)"/> asks for.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="length">About how long it is.</param>
    public static void PrefetchTail(byte* cell, int length)
    {
        if (Sse.IsSupported)
        {
            for (var at = 3 * 64; at < length + 63; at += 64)
            {
                Sse.Prefetch0(cell + at);
            }
        }
    }

    /// <summary>Asks for the first and the last line of some bytes.</summary>
    public static void PrefetchEnds(byte* address, long length)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
            Sse.Prefetch0(address + length - 1);
        }
    }
}
