using System.Runtime.InteropServices;
using Engine.Storage;

namespace Engine.Testing.Simulation;

/// <summary>
/// What a lock file says beyond who is alive: all of it that may mean anything after the death of a process or
/// a power cut. Zeros say nothing.
/// </summary>
/// <param name="Marks">Flush mark and clean mark, which lie in one word.</param>
/// <param name="ClosedId">The closed id.</param>
/// <param name="PublishedId">The published id; the former one while a writer is opening.</param>
/// <param name="Boot">The start of the machine that the published id is about.</param>
/// <param name="FileId">The file that all of it is about.</param>
internal readonly record struct LockRecord(ulong Marks, ulong ClosedId, ulong PublishedId, UInt128 Boot, UInt128 FileId)
{
    private const int MarksOffset = 32, ClosedOffset = 56, PublishedOffset = 64, BootOffset = 80, FileIdOffset = 96,
        FormerOffset = 120;

    /// <summary>
    /// The transaction that the file was closed with in good order; 0 if it was not, or if this is about
    /// another file. After docs/locking.md section 6.
    /// </summary>
    public ulong ClosedIdOf(UInt128 fileId) => Marks >> 32 != 0 && FileId == fileId ? ClosedId : 0;

    public static unsafe LockRecord Read(LockMemory memory)
    {
        // Bounds: the offsets lie within the header, and the memory has that.
        var words = new ReadOnlySpan<byte>(memory.Address, LockLayout.HeaderSize);
        var published = MemoryMarshal.Read<ulong>(words[PublishedOffset..]);
        return new LockRecord(
            MemoryMarshal.Read<ulong>(words[MarksOffset..]),
            MemoryMarshal.Read<ulong>(words[ClosedOffset..]),
            published != 0 ? published : MemoryMarshal.Read<ulong>(words[FormerOffset..]),
            MemoryMarshal.Read<UInt128>(words[BootOffset..]),
            MemoryMarshal.Read<UInt128>(words[FileIdOffset..]));
    }

    public unsafe void Write(LockMemory memory)
    {
        // Bounds: as above.
        var words = new Span<byte>(memory.Address, LockLayout.HeaderSize);
        MemoryMarshal.Write(words[MarksOffset..], Marks);
        MemoryMarshal.Write(words[ClosedOffset..], ClosedId);
        MemoryMarshal.Write(words[PublishedOffset..], PublishedId);
        MemoryMarshal.Write(words[BootOffset..], Boot);
        MemoryMarshal.Write(words[FileIdOffset..], FileId);
    }

    /// <summary>What a power cut leaves: every word is the durable one or the current one.</summary>
    public static LockRecord After(LockRecord durable, LockRecord current, CrashPlan plan)
    {
        switch ((LockFate)((uint)plan.Lock % 4))
        {
            case LockFate.Current:
                return current;
            case LockFate.Durable:
                return durable;
            case LockFate.Gone:
                return default;
        }

        var dice = Dice.Mix(plan.Seed ^ 0x10C4);
        ulong Word(int number, ulong old, ulong @new) => (dice >> number & 1) != 0 ? @new : old;
        UInt128 Words(int number, UInt128 old, UInt128 @new) =>
            new(Word(number + 1, (ulong)(old >> 64), (ulong)(@new >> 64)), Word(number, (ulong)old, (ulong)@new));
        return new LockRecord(
            Word(0, durable.Marks, current.Marks),
            Word(1, durable.ClosedId, current.ClosedId),
            Word(2, durable.PublishedId, current.PublishedId),
            Words(3, durable.Boot, current.Boot),
            Words(5, durable.FileId, current.FileId));
    }

    /// <summary>Whether two say the same to whoever opens the file after another start of the machine.</summary>
    public bool SaysTheSame(LockRecord other) =>
        (Marks >> 32, ClosedId, FileId) == (other.Marks >> 32, other.ClosedId, other.FileId);
}
