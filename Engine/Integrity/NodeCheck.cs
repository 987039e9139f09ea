using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// What leaves and branches have in common: slots, gap, heap and heads. One instance serves all nodes, one at a time.
/// </summary>
internal abstract class NodeCheck(CheckSession session)
{
    private readonly CellMap _cells = new(session.Geometry.PageSize);
    private IPlace _place = FixedPlace.File;
    private ulong _page;

    protected CheckSession Session { get; } = session;

    protected int HeapStart { get; private set; }

    /// <summary>Bytes of the cells seen so far, and whether they can be added up.</summary>
    protected int CellBytes { get; private set; }

    protected bool CellsAreDisjoint { get; private set; }

    /// <summary>
    /// Count, heap and gap. False if the slots cannot be told from the heap.
    /// </summary>
    protected bool BeginNode(
        ReadOnlySpan<byte> page, IPlace place, ulong number, int slotLength, string unit, int flags = 0)
    {
        _place = place;
        _page = number;
        _cells.Clear();
        CellBytes = 0;
        CellsAreDisjoint = true;

        int count = U16(page, 24);
        int heap = U16(page, 26);
        HeapStart = page.Length - heap;
        var slotsEnd = HeaderLength + slotLength * count;
        if (U16(page, 30) != flags)
            Fail(IntegrityRules.PageFlags, $"{flags}", $"{U16(page, 30)}");
        if (count == 0)
            return Fail(IntegrityRules.NodeCount, $"at least one {unit}", "0");
        if (slotsEnd > HeapStart)
        {
            return Fail(
                IntegrityRules.NodeHeap, $"at most {page.Length} bytes of header, slots and heap",
                $"{count} slots to byte {slotsEnd}, a heap of {heap} bytes from byte {HeapStart}");
        }

        if (FirstNonZero(page[slotsEnd..HeapStart]) is var at and >= 0)
        {
            Fail(
                IntegrityRules.NodeGap, $"zeros from byte {slotsEnd} to {HeapStart - 1}",
                $"{page[slotsEnd + at]} at byte {slotsEnd + at}");
        }

        return true;
    }

    /// <summary>
    /// Takes a cell's bytes. The caller has made sure that they lie within the heap. Two slots on one cell overlap as
    /// well.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void TakeCell(int index, int offset, int length, int limit)
    {
        CellBytes += length;
        if (!_cells.TryTake(offset, length) && CellsAreDisjoint)
        {
            CellsAreDisjoint = false;
            Fail(
                IntegrityRules.CellOverlap,
                $"cell {index} to share no byte with another",
                $"bytes {offset} to {offset + length - 1}");
        }

        if (length > limit)
            Fail(IntegrityRules.CellLimit, $"cell {index} of at most {limit} bytes", $"{length}");
    }

    protected bool CheckOffset(int index, int offset, int headerLength) =>
        (offset >= HeapStart && offset + headerLength <= Session.Geometry.PageSize)
        || Fail(IntegrityRules.CellOffset, $"cell {index} within the heap from byte {HeapStart}", $"offset {offset}");

    protected bool CheckEnd(int index, int offset, int length) =>
        offset + length <= Session.Geometry.PageSize
        || Fail(IntegrityRules.CellLength, $"cell {index} at byte {offset} to end within the page", $"{length} bytes");

    protected void CheckDead(ReadOnlySpan<byte> page)
    {
        int dead = U16(page, 28);
        var unused = page.Length - HeapStart - CellBytes;
        if (CellsAreDisjoint && dead != unused)
            Fail(IntegrityRules.NodeDead, $"{unused} bytes that belong to no cell", $"{dead}");
    }

    /// <summary>The skip of a page with so few keys that they have no common prefix to speak of.</summary>
    protected bool CheckNoSkip(int skip) =>
        skip == 0 || Fail(IntegrityRules.NodeSkip, "skip 0 with fewer than two keys", $"{skip}");

    /// <summary>One key against the first one: it must have the skipped bytes in common with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected bool CheckSkip(int index, int skip, ReadOnlySpan<byte> key, ReadOnlySpan<byte> first) =>
        (key.Length >= skip && first.Length >= skip && key[..skip].SequenceEqual(first[..skip]))
        || Fail(
            IntegrityRules.NodeSkip,
            $"key {index} to share {skip} bytes with the first, {Words.Of(first)}",
            Words.Of(key));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected bool CheckHead(int index, uint stored, ReadOnlySpan<byte> key, int skip)
    {
        var head = Head(key[skip..]);
        return stored == head || Fail(IntegrityRules.NodeHead, $"{Words.Hex(head)} as head {index}", Words.Hex(stored));
    }

    /// <summary>Reports a problem of this node; returns false.</summary>
    protected bool Fail(string rule, string expected, string found)
    {
        Session.Problems.Add(rule, _place, _page, expected, found);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Head(ReadOnlySpan<byte> rest)
    {
        if (rest.Length >= 4)
            return BinaryPrimitives.ReadUInt32BigEndian(rest);
        uint head = 0;
        for (var i = 0; i < rest.Length; i++)
            head |= (uint)rest[i] << (24 - 8 * i);
        return head;
    }
}
