using System.Buffers.Binary;
using System.IO.Compression;
using Engine.Integrity;
using Engine.Pages;

namespace Engine.Backups;

/// <summary>
/// Reads a backup stream from its beginning to its end, and checks all that it says of itself (docs/backup.md). What it
/// needs of memory is a page, and a bit for each page that was really there.
/// </summary>
internal sealed class BackupReader : IDisposable
{
    private readonly BackupSource _source;
    private readonly Stream _stream;
    private readonly MeteredStream _raw;
    private Stream _body = Stream.Null;
    private EndingStream? _compressed;
    private BackupHeader? _header;
    private BackupDigest _digest;
    private PageSet? _seen;
    private byte[] _page = [];
    private BackupItem _item;
    private uint _read;
    private uint _crc;
    private long _bytes;

    public BackupReader(BackupSource source)
    {
        _source = source;
        _stream = source.Open();
        _raw = new MeteredStream(_stream, bytesPerSecond: null, CancellationToken.None);
    }

    public string Name => _source.Name;

    /// <summary>Pages so far.</summary>
    public long Pages => (long)_digest.Pages;

    /// <summary>Bytes so far, expanded.</summary>
    public long Bytes => _bytes;

    /// <summary>Bytes of the stream as it is so far.</summary>
    public long StreamBytes => _raw.Bytes;

    /// <summary>Reads the header; the first call.</summary>
    public BackupHeader ReadHeader()
    {
        var block = new byte[BackupHeader.Size];
        _body = _raw;
        ReadAll(block);
        var header = BackupHeader.Read(block, Name, out var sum);
        _header = header;
        _digest.Begin(sum);
        _page = new byte[header.State.PageSize];
        _seen = new PageSet(header.State.PageCount);
        if (header.Compression != BackupCompression.None)
        {
            _compressed = new EndingStream(_raw);
            _body = header.Compression == BackupCompression.Brotli
                ? new BrotliStream(_compressed, CompressionMode.Decompress, leaveOpen: true)
                : new ZLibStream(_compressed, CompressionMode.Decompress, leaveOpen: true);
        }

        return header;
    }

    /// <summary>Reads the head of the next item, when all pages of the one before have been read.</summary>
    /// <returns>False at the end of the stream, whose counts and digest are right.</returns>
    public bool TryReadItem(out BackupItem item)
    {
        Span<byte> head = stackalloc byte[BackupItem.TrailerSize];
        ReadAll(head[..BackupItem.Size]);
        item = BackupItem.Read(head);
        if (item.Page == 0)
        {
            ReadAll(head[BackupItem.Size..]);
            RequireRightEnd(head);
            return false;
        }

        Require(item);
        _digest.Add(item);
        (_item, _read, _crc) = (item, 0, uint.MaxValue);
        return true;
    }

    /// <summary>
    /// Reads the next page of the item. A wrong checksum is found with the last one of them, and is an exception then.
    /// </summary>
    /// <returns>Its bytes, until the next call.</returns>
    public ReadOnlySpan<byte> ReadPage()
    {
        ReadAll(_page);
        if (_seen!.Add(_item.Page + _read, 1) != PageSet.None)
        {
            throw Damaged($"page {_item.Page + _read} is there twice");
        }

        if (_read == 0)
        {
            RequireRightHead();
        }

        _crc = PageChecksum.AppendToRun(_crc, _page, isFirst: _read == 0);
        _read++;
        return _read < _item.Pages || ~_crc == _item.Crc
            ? _page
            : throw Damaged($"page {_item.Page} does not match its checksum");
    }

    public void Dispose()
    {
        if (!ReferenceEquals(_body, _raw))
        {
            _body.Dispose();
        }

        if (_source.IsOwned)
        {
            _stream.Dispose();
        }
    }

    /// <summary>Whether the item is possible, before anything is done for it.</summary>
    private void Require(in BackupItem item)
    {
        var state = _header!.State;
        if (item.Page < PageLayout.FirstPage(state.PageSize) || item.Page >= state.PageCount
            || item.Pages == 0 || item.Pages > state.PageCount - item.Page
            || item.Pages > PageLayout.OverflowPages(int.MaxValue, state.PageSize))
        {
            throw Damaged($"it has {item.Pages} pages from {item.Page} on, in a database of {state.PageCount}");
        }

        if (item.Birth <= _header.BaseId || item.Birth > state.Id)
        {
            throw Damaged(
                $"page {item.Page} was written by transaction {item.Birth}, and the backup is of what those from "
                + $"{_header.BaseId + 1} to {state.Id} wrote");
        }
    }

    /// <summary>What the page says of itself is what the item says.</summary>
    private void RequireRightHead()
    {
        var page = _page.AsSpan();
        var kind = (PageKind)page[PageLayout.KindOffset];
        var pages = kind == PageKind.Overflow
            ? PageLayout.OverflowPages(
                BinaryPrimitives.ReadUInt32LittleEndian(page[PageLayout.LengthOffset..]), page.Length)
            : 1;
        if (kind is not (PageKind.Leaf or PageKind.Branch or PageKind.Overflow) || pages != _item.Pages
            || BinaryPrimitives.ReadUInt32LittleEndian(page) != _item.Crc
            || BinaryPrimitives.ReadUInt64LittleEndian(page[PageLayout.NumberOffset..]) != _item.Page
            || BinaryPrimitives.ReadUInt64LittleEndian(page[PageLayout.BirthOffset..]) != _item.Birth)
        {
            throw Damaged($"what stands before page {_item.Page} is not what that says of itself");
        }
    }

    private void RequireRightEnd(ReadOnlySpan<byte> trailer)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(trailer[8..]) != _digest.Items
            || BinaryPrimitives.ReadUInt64LittleEndian(trailer[16..]) != _digest.Pages
            || BinaryPrimitives.ReadUInt64LittleEndian(trailer[24..]) != _digest.Finish())
        {
            throw Damaged("what it has is not what its digest was made of");
        }

        Span<byte> behind = stackalloc byte[1];
        if (Read(behind) != 0 || _compressed is { IsAtEnd: false })
        {
            throw Damaged("something follows its end");
        }
    }

    private void ReadAll(Span<byte> target)
    {
        _bytes += target.Length;
        while (!target.IsEmpty)
        {
            var length = Read(target);
            if (length == 0)
            {
                throw new BackupException(
                    $"{Name} ends before its end: writing it was cut off, or only a part of it was copied. Use another "
                    + "copy of it, or an earlier backup.");
            }

            target = target[length..];
        }
    }

    private int Read(Span<byte> target)
    {
        try
        {
            return _body.Read(target);
        }
        catch (Exception e) when (e is InvalidDataException
            || (e is InvalidOperationException and not ObjectDisposedException && !ReferenceEquals(_body, _raw)))
        {
            throw new BackupException(
                $"{Name} is damaged: it cannot be expanded ({e.Message.TrimEnd('.')}). Use another copy of it, or an "
                + "earlier backup.",
                e);
        }
        catch (IOException e) when (_source.IsOwned)
        {
            throw new DatabaseException($"{Name} could not be read: {e.Message.TrimEnd('.')}. Check the disk.", e);
        }
    }

    private BackupException Damaged(string what) =>
        new($"{Name} is damaged: {what}. Use another copy of it, or an earlier backup.");
}
