using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Backups;

/// <summary>
/// Makes the body of a backup stream piece by piece. Each page is copied, and what was copied is summed: what is not
/// what its reference says never gets into a stream that has an end.
/// </summary>
internal sealed class BackupProducer
{
    private readonly BackupWalk _walk;
    private readonly int _pageSize;
    private BackupDigest _digest;
    private BackupItem _item;
    private Page _page;
    private uint _copied;
    private uint _crc;
    private bool _isDone;

    /// <param name="walk">The pages.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="headerSum">The checksum of the header.</param>
    public BackupProducer(BackupWalk walk, int pageSize, ulong headerSum)
    {
        _walk = walk;
        _pageSize = pageSize;
        _digest.Begin(headerSum);
    }

    /// <summary>Pages so far.</summary>
    public long Pages => (long)_digest.Pages;

    /// <summary>A buffer to fill has at least so many bytes.</summary>
    public static int LeastBuffer(int pageSize) => pageSize + BackupItem.TrailerSize;

    /// <summary>Fills a buffer, or most of it.</summary>
    /// <returns>How many bytes; 0 when there are no more.</returns>
    /// <exception cref="DatabaseCorruptException">The database is damaged.</exception>
    public int Fill(Span<byte> buffer)
    {
        var used = 0;
        while (!_isDone && buffer.Length - used >= LeastBuffer(_pageSize))
        {
            if (_copied < _item.Pages)
            {
                CopyPage(buffer.Slice(used, _pageSize));
                used += _pageSize;
            }
            else if (_walk.MoveNext(out _item, out _page))
            {
                (_copied, _crc) = (0, uint.MaxValue);
                _digest.Add(_item);
                _item.Write(buffer[used..]);
                used += BackupItem.Size;
            }
            else
            {
                WriteTrailer(buffer.Slice(used, BackupItem.TrailerSize));
                used += BackupItem.TrailerSize;
                _isDone = true;
            }
        }

        return used;
    }

    private void CopyPage(Span<byte> target)
    {
        // Bounded: the walk vouches for all pages of the item.
        _page.BytesFrom((long)_copied * _pageSize, _pageSize).CopyTo(target);
        _crc = PageChecksum.AppendToRun(_crc, target, isFirst: _copied == 0);
        _copied++;
        if (_copied == _item.Pages && ~_crc != _item.Crc)
        {
            throw new DatabaseCorruptException(
                _item.Page, "does not match its checksum any more: it decayed, or somebody wrote to the file");
        }
    }

    private void WriteTrailer(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], _digest.Items);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], _digest.Pages);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], _digest.Finish());
    }
}
