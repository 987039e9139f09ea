using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The parts of a log page (section 9) as they are, right or not.</summary>
internal readonly ref struct LogPageView(ReadOnlySpan<byte> page)
{
    private readonly ReadOnlySpan<byte> _page = page;

    /// <summary>Bytes of entries, by what the page says.</summary>
    public uint Used => U32(_page, 24);

    /// <summary>Bytes of entries that the page has room for.</summary>
    public uint Room => (uint)(_page.Length - LogEntriesOffset);

    /// <summary>The entries, as far as there is room for them.</summary>
    public ReadOnlySpan<byte> Entries => _page.Slice(LogEntriesOffset, (int)Math.Min(Used, Room));

    /// <summary>The reference to the next older page of the chain; page 0 if there is none.</summary>
    public (ulong Page, uint Crc) Older => (U64(_page, 32), U32(_page, 40));
}
