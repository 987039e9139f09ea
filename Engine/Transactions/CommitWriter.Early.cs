using System.Runtime.InteropServices;
using Engine.Pages;

namespace Engine.Transactions;

/// <content>Large values that are written before the commit.</content>
internal sealed partial class CommitWriter
{
    /// <summary>Writes the run of a large value, long before the commit.</summary>
    /// <returns>What refers to it.</returns>
    public OverflowReference WriteRun(ref DirtyEntry entry, uint length, ulong pageCount, ulong transactionId)
    {
        CompleteRun(ref entry, transactionId);
        ReadOnlySpan<WrittenPages> written = [new(entry.Number, entry.Pages, entry.Crc)];
        _file.Prepare(written, pageCount);
        _file.Write(entry.Page, entry.Number, entry.Pages);
        _file.MarkWritten(written);
        return new OverflowReference(entry.Number, transactionId, entry.Crc, length);
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
