using System.Runtime.InteropServices;
using Engine.Pages;

namespace Engine.Transactions;

/// <content>Large values that are written before the commit.</content>
internal sealed partial class CommitWriter
{
    /// <summary>
    /// Writes a large value, long before the commit, piece by piece: a piece is copied, summed and written while it is
    /// in the processor's cache. It is copied because what is summed must be what is written, whatever other threads do
    /// with the caller's memory. The first page gets the sum, and is written again.
    /// </summary>
    /// <param name="number">Its first page.</param>
    /// <param name="value">The value.</param>
    /// <param name="pageCount">Pages that the file has with it.</param>
    /// <param name="transactionId">The transaction.</param>
    /// <returns>What refers to it.</returns>
    public OverflowReference WriteValue(ulong number, ReadOnlySpan<byte> value, ulong pageCount, ulong transactionId)
    {
        ReadOnlySpan<WrittenPages> written = [new(number, PageLayout.OverflowPages((uint)value.Length, _pageSize), 0)];
        _file.Prepare(written, pageCount);
        var head = _dirty.Scratch;
        var inHead = Math.Min(value.Length, _pageSize - PageLayout.HeaderSize);
        head.InitializeOverflow(value[..inHead], _pageSize);
        head.Length = (uint)value.Length;
        head.Number = number;
        head.Birth = transactionId;

        // Its place comes first, though: what a full disk leaves of a value must have room where the next pages go.
        _file.Write(number, head.Bytes(_pageSize));
        var crc = PageChecksum.AppendToRun(uint.MaxValue, head.Bytes(_pageSize), isFirst: true);
        var rest = value[inHead..];
        for (var next = number + 1; !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(rest.Length, DirtyList.PieceBytes)];
            rest = rest[piece.Length..];
            var pages = CopyAndSum(piece, ref crc);
            _file.Write(next, pages);
            next += (ulong)(pages.Length / _pageSize);
        }

        head.Crc = ~crc;
        _file.Write(number, head.Bytes(_pageSize));
        _file.MarkWritten(written);
        return new OverflowReference(number, transactionId, ~crc, (uint)value.Length);
    }

    /// <summary>A piece of a value in pages of our own, the last one with zeros at its end.</summary>
    private ReadOnlySpan<byte> CopyAndSum(ReadOnlySpan<byte> piece, ref uint crc)
    {
        // Bounded: the buffer is as long as the longest piece, and a whole number of pages.
        var pages = _dirty.PieceBuffer.Bytes((piece.Length + _pageSize - 1) / _pageSize * _pageSize);
        for (var at = 0; at < pages.Length; at += _pageSize)
        {
            var page = pages.Slice(at, _pageSize);
            var bytes = piece[at..Math.Min(at + _pageSize, piece.Length)];
            bytes.CopyTo(page);
            page[bytes.Length..].Clear();
            crc = PageChecksum.AppendToRun(crc, page, isFirst: false);
        }

        return pages;
    }

    /// <summary>
    /// Gives the collected runs of large values alone their numbers, sums and writes them, in the order in which they
    /// were put: so neighbours in the file are neighbours in memory, and none need be copied. Nothing refers to them
    /// yet.
    /// </summary>
    /// <returns>What was written.</returns>
    public ReadOnlySpan<WrittenPages> WriteRunsEarly(ulong transactionId)
    {
        _runs.Sort();
        foreach (var reference in _runs)
        {
            ref var entry = ref _dirty[reference];
            entry.Number = _space.TakeRun(entry.Pages).Start;
            CompleteRun(ref entry, transactionId);
            _items.Add(new(entry.Number, entry.Pages, entry.Crc));
        }

        var items = CollectionsMarshal.AsSpan(_items);
        _file.Prepare(items, _space.PageCount);
        for (var i = 0; i < _runs.Count;)
        {
            var first = _dirty[_runs[i]];
            var pages = first.Pages;
            for (i++; i < _runs.Count && Follows(_dirty[_runs[i]], first, pages); i++)
            {
                pages += _dirty[_runs[i]].Pages;
            }

            _file.Write(first.Page, first.Number, pages, PageFile.MaxValuesBytes);
        }

        return items;
    }

    /// <summary>The collected runs are in the file: marks them as verified, and lets their leaves name them.</summary>
    public void EndRunsEarly(ulong transactionId)
    {
        MarkWritten();
        foreach (var leaf in _leaves)
        {
            CompleteValues(new LeafPage(_dirty.Get(leaf)), transactionId);
        }

        _dirty.DropRuns(_runs);
        Clear();
    }

    private bool Follows(in DirtyEntry entry, in DirtyEntry first, ulong pages) =>
        entry.Number == first.Number + pages && entry.Page.IsAt(first.Page, (long)pages * _pageSize);
}
