using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Simulation;

[TestFixture]
public class ProtectedPagesTests
{
    [Test]
    public void Write_ToAPageOfTheDurableMeta_BreaksInvariant3()
    {
        var builder = new ImageBuilder(256, 66);
        var crc = builder.Leaf(64, 1, "a");
        builder.Meta(0, 2, 1, 66, ImageBuilder.Record(64, crc, 1, 1, 1, 0, 0, 0, 2), logHead: [1, 2, 2, 65, 1, 0]);
        var disk = new GuardedDisk(new DiskImage(builder.Bytes));
        var file = disk.OpenFile(writable: true);
        Assert.That(() => file.Write(65 * 256, Filled(256, 7)), Throws.Nothing, "a free page");
        Assert.That(() => file.Write(64 * 256, builder.Page(64)), Throws.Nothing, "the same bytes again");
        Assert.That(
            () => file.Write(64 * 256, Filled(256, 7)), Throws.TypeOf<InvariantViolationException>(), "the root");
        Assert.That(
            () => file.Write(4096, Filled(256, 7)), Throws.TypeOf<InvariantViolationException>(), "the durable meta");
        Assert.That(
            () => file.Write(0, Filled(256, 7)), Throws.TypeOf<InvariantViolationException>(), "the superblock");
        Assert.That(() => file.Write(8192, Filled(256, 7)), Throws.Nothing, "the other slot");
    }

    [Test]
    public void Write_ToAPinnedPage_BreaksInvariant3UntilItIsUnpinned()
    {
        var builder = new ImageBuilder(256, 66);
        builder.Meta(0, 2, 1, 66, ImageBuilder.Empty(0), logHead: [1, 2, 2, 64, 2, 0]);
        var disk = new GuardedDisk(new DiskImage(builder.Bytes));
        var file = disk.OpenFile(writable: true);
        var pages = new PageSet();
        pages.Add(65);
        disk.Protection.Pin("reader", pages);
        Assert.That(() => file.Write(64 * 256, Filled(512, 7)), Throws.TypeOf<InvariantViolationException>());
        disk.Protection.Unpin("reader");
        Assert.That(() => file.Write(64 * 256, Filled(512, 7)), Throws.Nothing);
    }

    private static byte[] Filled(int length, byte value) => Enumerable.Repeat(value, length).ToArray();
}
