using System.Numerics;

namespace Engine.Space;

/// <summary>
/// The words of 64 pages that are set aside for branches and kept mostly free, so that the few branches of a small
/// commit find consecutive pages. Searches of the free map do not see them. Nothing on disk tells which they are: they
/// are chosen again at open, being the words with the most free pages.
/// </summary>
internal sealed class BranchZone
{
    /// <summary>Pages of an extent of the zone: a word of the free map's bitmap.</summary>
    public const int ExtentPages = 64;

    /// <summary>Words looked at for one run, so that a zone without one costs little.</summary>
    private const int SearchLimit = 256;

    private readonly FreeMap _free;
    private readonly List<int> _words = [];

    /// <summary>
    /// Where the next run is looked for: behind the last one, so that consecutive commits write consecutive runs.
    /// </summary>
    private ulong _next;

    public BranchZone(FreeMap free)
    {
        _free = free;
    }

    /// <summary>The words, ascending.</summary>
    public IReadOnlyList<int> Words => _words;

    /// <summary>Pages of the zone, free or not.</summary>
    public ulong Capacity => (ulong)_words.Count * ExtentPages;

    /// <summary>Adds a word.</summary>
    public void Add(int word)
    {
        var index = _words.BinarySearch(word);
        if (index < 0)
        {
            _words.Insert(~index, word);
            _free.Reserve(word);
        }
    }

    /// <summary>Gives the last <paramref name="count"/> words back to general use.</summary>
    public void RemoveLast(int count)
    {
        for (; count > 0 && _words.Count > 0; count--)
        {
            _free.Unreserve(_words[^1]);
            _words.RemoveAt(_words.Count - 1);
        }
    }

    /// <summary>Gives the words back that reach beyond a page count.</summary>
    public void RemoveFrom(ulong pageCount)
    {
        while (_words.Count > 0 && ((ulong)_words[^1] + 1) * ExtentPages > pageCount)
        {
            RemoveLast(1);
        }
    }

    /// <summary>Takes consecutive pages, at most 64, from the cursor on and around.</summary>
    public bool TryTakeRun(int length, out Extent run)
    {
        if (_free.ReservedCount < (ulong)length || !TryFindRun(length, out var start))
        {
            run = default;
            return false;
        }

        run = new Extent(start, (ulong)length);
        _free.Remove(run);
        _next = run.End;
        return true;
    }

    /// <summary>
    /// Takes free pages wherever they are, from the cursor on and around, and returns how many could not be had.
    /// </summary>
    public ulong TakePieces(ulong pages, List<Extent> into)
    {
        var first = FirstIndex();
        for (var i = 0; i < _words.Count && pages > 0 && _free.ReservedCount > 0; i++)
        {
            var word = _words[(first + i) % _words.Count];
            var rest = new Extent((ulong)word * ExtentPages, ExtentPages);
            while (pages > 0 && _free.TryFindAny(rest, out var run))
            {
                run = run with { Length = Math.Min(run.Length, pages) };
                _free.Remove(run);
                into.Add(run);
                pages -= run.Length;
                rest = new Extent(run.End, rest.End - run.End);
                _next = run.End;
            }
        }

        return pages;
    }

    private bool TryFindRun(int length, out ulong start)
    {
        var first = FirstIndex();
        var carry = 0;
        var previous = -2;
        for (var i = 0; i <= Math.Min(_words.Count, SearchLimit); i++)
        {
            var word = _words[(first + i) % _words.Count];
            var origin = (ulong)word * ExtentPages;
            var bits = _free.GetWord(word);
            if (i == 0 && _next > origin && _next < origin + ExtentPages)
            {
                bits &= ulong.MaxValue << (int)(_next - origin);
            }

            carry = word == previous + 1 ? carry : 0;
            if (carry + Bits.LowOnes(bits) >= length)
            {
                start = origin - (ulong)carry;
                return true;
            }

            var starts = Bits.RunStarts(bits, length);
            if (starts != 0)
            {
                start = origin + (ulong)BitOperations.TrailingZeroCount(starts);
                return true;
            }

            // A word that is all free ends here only if the run is longer than a word, which it never is.
            carry = Bits.HighOnes(bits);
            previous = word;
        }

        start = 0;
        return false;
    }

    /// <summary>The index of the word that the cursor is in or before; 0 behind the last.</summary>
    private int FirstIndex()
    {
        var index = _words.BinarySearch((int)(_next / ExtentPages));
        index = index < 0 ? ~index : index;
        return index == _words.Count ? 0 : index;
    }
}
