using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using PageSet = Engine.Integrity.PageSet;

namespace Engine.Backups;

/// <summary>
/// Writes log pages of one group, from the oldest to the newest, into the lowest free pages of a file.
/// </summary>
internal sealed class LogPageWriter
{
    private readonly IStorageFile _file;
    private readonly PageSet _used;
    private readonly BackupState _state;
    private readonly byte[] _image;
    private ulong _next;
    private int _position;

    /// <param name="file">The file.</param>
    /// <param name="used">The pages in use.</param>
    /// <param name="state">The state that they are of.</param>
    /// <param name="pages">How many pages there will be.</param>
    public LogPageWriter(IStorageFile file, PageSet used, BackupState state, uint pages)
    {
        _file = file;
        _used = used;
        _state = state;
        Pages = pages;
        _image = new byte[state.PageSize];
        _next = FreeFrom(PageLayout.FirstPage(state.PageSize));
        FirstFree = _next;
        for (uint i = 0; i < pages; i++)
        {
            FirstFree = FreeFrom(FirstFree) + 1;
        }
    }

    /// <summary>Free pages below this hold the log.</summary>
    public ulong FirstFree { get; }

    public uint Pages { get; }

    /// <summary>The page that was written last; 0 if none was.</summary>
    public ulong Newest { get; private set; }

    public uint NewestCrc { get; private set; }

    private Span<byte> Body => _image.AsSpan(PageLayout.LogEntriesOffset);

    public void Free(Extent pages)
    {
        if (_position + LogEncoding.FreeLength(pages, 0) > Body.Length)
        {
            EndPage();
        }

        BeginPage();
        _position += LogEncoding.WriteFree(Body[_position..], pages, 0);
    }

    /// <summary>Writes the rest, and pages for which nothing was left, which have the beginning of a group.</summary>
    public void Complete()
    {
        while (_next < FirstFree)
        {
            BeginPage();
            EndPage();
        }
    }

    private void BeginPage()
    {
        if (_position == 0)
        {
            _position = LogEncoding.WriteGroup(Body, _state.Id);
        }
    }

    private void EndPage()
    {
        LogPage.SetUsed(_image, _position);
        NewestCrc = LogPage.Seal(_image, _next, _state.Id, Newest, NewestCrc);
        _file.Write((long)_next * _state.PageSize, _image);
        Newest = _next;
        _next = FreeFrom(_next + 1);
        _position = 0;
        Array.Clear(_image);
    }

    private ulong FreeFrom(ulong page) => _used.Next(page, _state.PageCount, value: false);
}
