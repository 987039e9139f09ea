using System.Buffers.Binary;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>What a search for a key does in one node: docs/format.md, sections 6 and 7.</summary>
internal sealed class PathStep
{
    private PathStep(ulong page, byte[] bytes, ReadOnlySpan<byte> key)
    {
        Page = page;
        Bytes = bytes;
        Header = new PageHeader(bytes);
        First = Header.Level == 0 ? 0 : 1;
        Compare(key);
        Below = CountBelow(key, out bool isEqual);
        IsFound = isEqual && Header.Level == 0;
        Slot = Header.Level == 0 ? Below - 1 : Below;
    }

    public ulong Page { get; }

    public byte[] Bytes { get; }

    public PageHeader Header { get; }

    /// <summary>
    /// The first slot that takes part in the search: the separator of child 0 is empty and never compared.
    /// </summary>
    public int First { get; }

    /// <summary>
    /// How the key's first bytes, as many as all keys of the page share, compare with those: negative, 0 or positive.
    /// </summary>
    public int PrefixOrder { get; private set; }

    /// <summary>The head of the key behind those bytes.</summary>
    public uint Head { get; private set; }

    /// <summary>How many heads are smaller, and how many the same: only those cells need a look.</summary>
    public int HeadsBelow { get; private set; }

    public int HeadsEqual { get; private set; }

    /// <summary>
    /// In a leaf the entry that has the key, or the last one below it (-1: none); in a branch the child that is taken.
    /// </summary>
    public int Slot { get; }

    /// <summary>In a leaf, whether the key is there.</summary>
    public bool IsFound { get; }

    /// <summary>Keys of the page that are not above the searched one.</summary>
    private int Below { get; }

    public static PathStep In(ulong page, byte[] bytes, ReadOnlySpan<byte> key) => new(page, bytes, key);

    /// <summary>The key or separator of a slot.</summary>
    public ReadOnlySpan<byte> KeyAt(int slot)
    {
        if (Header.Level == 0)
        {
            _ = LeafCell.TryRead(Bytes, Header.Count, slot, out LeafCell entry);
            return entry.Key(Bytes);
        }

        _ = BranchCell.TryRead(Bytes, Header.Count, slot, out BranchCell cell);
        return cell.Separator(Bytes);
    }

    public BranchCell ChildAt(int slot)
    {
        _ = BranchCell.TryRead(Bytes, Header.Count, slot, out BranchCell cell);
        return cell;
    }

    private static uint HeadOf(ReadOnlySpan<byte> rest)
    {
        Span<byte> padded = stackalloc byte[4];
        rest[..Math.Min(rest.Length, 4)].CopyTo(padded);
        return BinaryPrimitives.ReadUInt32BigEndian(padded);
    }

    private void Compare(ReadOnlySpan<byte> key)
    {
        int skip = Header.Skip;
        if (First >= Header.Count)
            return;
        ReadOnlySpan<byte> prefix = KeyAt(First)[..Math.Min(skip, KeyAt(First).Length)];
        PrefixOrder = key[..Math.Min(skip, key.Length)].SequenceCompareTo(prefix);
        if (PrefixOrder != 0)
            return;
        Head = HeadOf(key[Math.Min(skip, key.Length)..]);
        for (int i = First; i < Header.Count; i++)
        {
            uint head = U32(Bytes, HeaderLength + 4 * i);
            HeadsBelow += head < Head ? 1 : 0;
            HeadsEqual += head == Head ? 1 : 0;
        }
    }

    /// <summary>With full comparisons, one after the other: right whatever the heads say.</summary>
    private int CountBelow(ReadOnlySpan<byte> key, out bool isEqual)
    {
        isEqual = false;
        int below = 0;
        for (int i = First; i < Header.Count; i++)
        {
            int order = KeyAt(i).SequenceCompareTo(key);
            if (order > 0)
                break;
            isEqual |= order == 0;
            below++;
        }

        return below;
    }
}
