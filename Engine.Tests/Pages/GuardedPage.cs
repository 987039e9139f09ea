using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>A page of native memory between two others that nobody may write to.</summary>
internal sealed class GuardedPage : IDisposable
{
    private const byte Canary = 0xC5;
    private readonly PageArena _arena;
    private readonly Page _all;
    private readonly int _pageSize;

    public GuardedPage(int pageSize)
    {
        _pageSize = pageSize;
        _arena = new PageArena(pageSize);
        _all = _arena.Allocate(3);
        _all.Bytes(3 * pageSize).Fill(Canary);
        Page = PageAt(1);
        Scratch = _arena.Allocate(1);
    }

    public Page Page { get; }

    public Page Scratch { get; }

    public Span<byte> Bytes => Page.Bytes(_pageSize);

    /// <summary>Gives the page a number, a birth and its checksum, as a commit does.</summary>
    public uint Seal()
    {
        var page = Page;
        page.Number = 7;
        page.Birth = 3;
        page.Crc = PageChecksum.Compute(Bytes);
        return page.Crc;
    }

    /// <summary>
    /// Seals the page and runs the checks of its first touch; then looks at what the verifier leaves to others.
    /// </summary>
    public void Verify(int level)
    {
        VerifyBounds(level);
        var slots = Page.Count * (level == 0 ? PageLayout.LeafSlotSize : BranchEditor.SlotSize(Page));
        var gap = Bytes[(PageLayout.HeaderSize + slots)..(_pageSize - Page.HeapBytes)];
        Assert.That(gap.ContainsAnyExcept((byte)0), Is.False, "the gap is not zero");
    }

    /// <summary>The checks of the first touch, and that nobody left the page.</summary>
    public void VerifyBounds(int level)
    {
        PageVerifier.VerifyTreePage(Page, 7, Seal(), level, 3, _pageSize);
        Assert.That(_all.Bytes(_pageSize).ContainsAnyExcept(Canary), Is.False, "the page before was written to");
        Assert.That(
            _all.BytesFrom(2L * _pageSize, _pageSize).ContainsAnyExcept(Canary),
            Is.False,
            "the page behind was written to");
    }

    public void Dispose() => _arena.Dispose();

    private unsafe Page PageAt(int index) => new(_all.Address + (index * _pageSize));
}
