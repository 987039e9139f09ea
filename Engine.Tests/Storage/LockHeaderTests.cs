using Engine.Storage;

namespace Engine.Tests.Storage;

public unsafe class LockHeaderTests
{
    [Test]
    public void Problem_OfAHeaderThatWasJustMade_IsNone()
    {
        byte[] region = Enumerable.Repeat((byte)0xEE, LockLayout.Size).ToArray();
        fixed (byte* address = region)
        {
            LockHeader.Initialize(address);

            Assert.That(LockHeader.Problem(address), Is.Null);
        }

        Assert.That(region.AsSpan(24).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [TestCase(LockLayout.MagicOffset, "mark of a lock file")]
    [TestCase(LockLayout.VersionOffset, "version")]
    [TestCase(LockLayout.ProcessCountOffset, "sizes")]
    [TestCase(LockLayout.SlotCountOffset, "sizes")]
    [TestCase(LockLayout.SizeOffset, "sizes")]
    public void Problem_OfAHeaderThatIsNotOurs_NamesIt(int offset, string expected)
    {
        byte* region = stackalloc byte[LockLayout.HeaderSize];
        byte[] whole = new byte[LockLayout.Size];
        fixed (byte* address = whole)
        {
            LockHeader.Initialize(address);
        }

        whole.AsSpan(0, LockLayout.HeaderSize).CopyTo(new Span<byte>(region, LockLayout.HeaderSize));
        region[offset] ^= 0x40;

        Assert.That(LockHeader.Problem(region), Does.Contain(expected));
    }

    [Test]
    public void Layout_OfTheTables_DoesNotOverlap()
    {
        Assert.That(LockLayout.CleanMarkOffset + sizeof(uint), Is.EqualTo(LockLayout.DatabaseDeviceOffset));
        Assert.That(LockLayout.DatabaseDeviceOffset + sizeof(ulong), Is.EqualTo(LockLayout.DatabaseInodeOffset));
        Assert.That(LockLayout.DatabaseInodeOffset + sizeof(ulong), Is.EqualTo(LockLayout.ClosedIdOffset));
        Assert.That(LockLayout.ClosedIdOffset + sizeof(ulong), Is.EqualTo(LockLayout.PublishedOffset));
        Assert.That(LockLayout.HighWaterOffset + sizeof(uint), Is.EqualTo(LockLayout.SessionOffset));
        Assert.That(LockLayout.SessionOffset + sizeof(uint), Is.EqualTo(LockLayout.BootIdOffset));
        Assert.That(LockLayout.BootIdOffset + 16, Is.EqualTo(LockLayout.FileIdOffset));
        Assert.That(LockLayout.FileIdOffset + 16, Is.EqualTo(LockLayout.DatabaseBirthOffset));
        Assert.That(LockLayout.DatabaseBirthOffset + sizeof(ulong), Is.LessThanOrEqualTo(LockLayout.HeaderSize));
        Assert.That(LockLayout.ProcessesOffset, Is.EqualTo(128));
        Assert.That(LockLayout.SlotsOffset, Is.EqualTo(65_536));
        Assert.That(LockLayout.Size, Is.EqualTo(327_680));
    }

    /// <summary>
    /// A load or store across a field's natural boundary is not one access to other processes, on any processor.
    /// </summary>
    [Test]
    public void Layout_OfWhatProcessesShare_IsNaturallyAligned()
    {
        int[] words =
        [
            LockLayout.MagicOffset, LockLayout.WriterOffset, LockLayout.PublishedOffset,
            LockLayout.DatabaseDeviceOffset, LockLayout.DatabaseInodeOffset, LockLayout.DatabaseBirthOffset,
            LockLayout.ClosedIdOffset, LockLayout.BootIdOffset, LockLayout.FileIdOffset,
            LockLayout.ProcessesOffset, LockLayout.ProcessSize,
            LockLayout.ProcessTokenOffset, LockLayout.ProcessStartOffset, LockLayout.ProcessEpochOffset,
            LockLayout.SlotsOffset, LockLayout.SlotSize, LockLayout.SlotOwnerOffset, LockLayout.SlotIdOffset,
        ];
        int[] halves =
        [
            LockLayout.VersionOffset, LockLayout.ProcessCountOffset, LockLayout.SlotCountOffset, LockLayout.SizeOffset,
            LockLayout.FlushMarkOffset, LockLayout.CleanMarkOffset, LockLayout.HighWaterOffset,
            LockLayout.ProcessStateOffset,
        ];

        Assert.That(words, Has.All.Matches<int>(static offset => offset % sizeof(ulong) == 0));
        Assert.That(halves, Has.All.Matches<int>(static offset => offset % sizeof(uint) == 0));
        Assert.That((ulong)new LockMemory().Address % sizeof(ulong), Is.Zero, "the memory that stands in for the file");
    }
}
