using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.PropertyTests.Checking;

/// <summary>The slot arrays and cells of a leaf or branch (docs/format.md sections 6 and 7).</summary>
internal readonly ref struct SlottedPage
{
    private readonly ReadOnlySpan<byte> _page;
    private readonly long _number;
    private readonly int _count;
    private readonly int _slotSize;
    private readonly bool _isLeaf;
    private readonly int _countSize;

    /// <param name="page">The page.</param>
    /// <param name="number">Its number.</param>
    /// <param name="count">How many slots it has.</param>
    /// <param name="slotSize">Bytes of each slot up to its cell's offset.</param>
    /// <param name="isLeaf">Whether it is a leaf.</param>
    /// <param name="countSize">Bytes of each slot behind that: the entry counts of a counted tree's branches.</param>
    public SlottedPage(
        ReadOnlySpan<byte> page, long number, int count, int slotSize, bool isLeaf, int countSize = 0)
    {
        _countSize = countSize;
        _page = page;
        _number = number;
        _count = count;
        _slotSize = slotSize;
        _isLeaf = isLeaf;
    }

    private int OffsetsAt => ImageLayout.HeaderSize + (_slotSize - 2) * _count;

    private int CellHead => _isLeaf ? 4 : 2;

    public ReadOnlySpan<byte> Key(int index)
    {
        var cell = Cell(index);
        return _page.Slice(cell + CellHead, ImageLayout.U16(_page, cell));
    }

    public bool IsOverflow(int index) => (ImageLayout.U16(_page, Cell(index) + 2) & 0x8000) != 0;

    /// <summary>The inline value, or the 24 bytes of the reference to an overflow run.</summary>
    public ReadOnlySpan<byte> Value(int index)
    {
        var cell = Cell(index);
        return _page.Slice(cell + 4 + ImageLayout.U16(_page, cell), ValueBytes(cell));
    }

    /// <summary>Requires every rule of the page that can be seen without its neighbours.</summary>
    public void Check()
    {
        int heap = ImageLayout.U16(_page, 26), dead = ImageLayout.U16(_page, 28), skip = ImageLayout.U16(_page, 6);
        Require(_count > 0, "is empty");
        var slotsEnd = ImageLayout.HeaderSize + (_slotSize + _countSize) * _count;
        var heapStart = _page.Length - heap;
        Require(heapStart >= slotsEnd, "has slots that reach into its heap");
        Require(ImageLayout.IsZero(_page[slotsEnd..heapStart]), "has a gap that is not zero");
        CheckCells(heapStart, heap - dead);
        CheckOrder();
        CheckHeads(skip);
    }

    private int Cell(int index) => ImageLayout.U16(_page, OffsetsAt + 2 * index);

    private int ValueBytes(int cell)
    {
        var field = ImageLayout.U16(_page, cell + 2);
        return (field & 0x8000) != 0 ? ImageLayout.ReferenceSize : field;
    }

    private void CheckCells(int heapStart, int live)
    {
        Span<(int Start, int End)> cells = _count <= 64
            ? stackalloc (int Start, int End)[_count]
            : new (int Start, int End)[_count];
        var total = 0;
        var keyLimit = ImageLayout.KeyLimit(_page.Length);
        for (var i = 0; i < _count; i++)
        {
            var start = Cell(i);
            Require(start >= heapStart && start + CellHead <= _page.Length, $"has cell {i} outside its heap");
            var keyLength = ImageLayout.U16(_page, start);
            Require(keyLength <= keyLimit, $"has a key of {keyLength} bytes, above the limit");
            var length = CellHead + keyLength;
            if (_isLeaf)
            {
                var field = ImageLayout.U16(_page, start + 2);
                Require((field & 0x8000) == 0 || field == 0x8000, "has an overflow cell with an inline length");
                length += ValueBytes(start);
                Require(
                    length + 6 <= (_page.Length - ImageLayout.HeaderSize) / 2,
                    $"has cell {i} of {length} bytes, above the limit");
            }
            else
            {
                Require(
                    length + 18 <= (_page.Length - ImageLayout.HeaderSize) / 3,
                    $"has cell {i} of {length} bytes, above the limit");
                Require(i > 0 || keyLength == 0, "has a first separator that is not empty");
            }

            Require(start + length <= _page.Length, $"has cell {i} reaching past its end");
            cells[i] = (start, start + length);
            total += length;
        }

        Require(total == live, $"has {total} bytes of cells where its header says {live}");
        cells.Sort(static (x, y) => x.Start.CompareTo(y.Start));
        for (var i = 1; i < _count; i++)
        {
            Require(cells[i - 1].End <= cells[i].Start, "has cells that overlap");
        }
    }

    private void CheckOrder()
    {
        // Separator 0 is empty, so it is below every other that is not.
        for (var i = 1; i < _count; i++)
        {
            Require(Key(i - 1).SequenceCompareTo(Key(i)) < 0, $"has entries {i - 1} and {i} out of order");
        }
    }

    private void CheckHeads(int skip)
    {
        var first = _isLeaf ? 0 : 1;
        if (!_isLeaf)
        {
            Require(ImageLayout.U32(_page, ImageLayout.HeaderSize) == 0, "has a first head that is not zero");
        }

        if (_count - first < 2)
        {
            Require(skip == 0, $"has skip {skip} with fewer than two keys");
        }
        else
        {
            var common = Key(first).CommonPrefixLength(Key(_count - 1));
            Require(skip <= common, $"has skip {skip} where the keys share {common} bytes");
        }

        Span<byte> head = stackalloc byte[4];
        for (var i = first; i < _count; i++)
        {
            var rest = Key(i)[skip..];
            head.Clear();
            rest[..Math.Min(4, rest.Length)].CopyTo(head);
            Require(
                ImageLayout.U32(_page, ImageLayout.HeaderSize + 4 * i) == BinaryPrimitives.ReadUInt32BigEndian(head),
                $"has a wrong head {i}");
        }
    }

    private void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ImageException($"page {_number} {problem}");
        }
    }

    private void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref Problem problem)
    {
        if (!condition)
        {
            problem.Throw((ulong)_number);
        }
    }
}
