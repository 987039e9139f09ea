using Engine.Storage;
using Engine.Testing.Simulation;

namespace Engine.Testing.Tests.Simulation;

[TestFixture]
public class SimulatedDiskTests
{
    [Test]
    public void PowerCut_WithNothingArrived_ShowsWhatWasFlushed()
    {
        var disk = Disk(out var file, 2048);
        file.Write(0, Filled(1024, 7));
        disk.PowerCut(CrashPlan.Nothing);
        Assert.That(disk.Cache.ToArray(), Is.EqualTo(Filled(2048, 1)));
    }

    [Test]
    public void Kill_AfterAWrite_KeepsItInTheCacheUntilThePowerGoes()
    {
        var disk = Disk(out var file, 2048);
        file.Write(512, Filled(512, 7));
        disk.Kill();
        Assert.That(disk.Cache[512], Is.EqualTo(7));
        Assert.That(disk.Durable[512], Is.EqualTo(1));
        Assert.That(() => file.Read(0, new byte[1]), Throws.TypeOf<SimulatedCrashException>());
        disk.PowerCut(CrashPlan.Nothing);
        Assert.That(disk.Cache[512], Is.EqualTo(1));
    }

    [Test]
    public void CrashImage_OfSelectedSectors_HasTheseAlone()
    {
        var disk = Disk(out var file, 2048);
        file.Write(0, Filled(2048, 7));
        var image = disk.CrashImage(new CrashPlan(SectorSelection.Mask(0b0101))).Database!;
        Assert.That(new[] { image[0], image[512], image[1024], image[1536] }, Is.EqualTo(new byte[] { 7, 1, 7, 1 }));
        image = disk.CrashImage(new CrashPlan(SectorSelection.AllBut(1, 2))).Database!;
        Assert.That(new[] { image[0], image[512], image[1024], image[1536] }, Is.EqualTo(new byte[] { 7, 1, 1, 7 }));
    }

    [Test]
    public void CrashImage_WithATornSector_HasItsFirstWords()
    {
        var disk = Disk(out var file, 1024);
        file.Write(0, Filled(512, 7));
        var image = disk.CrashImage(new CrashPlan(SectorSelection.All, TearSector: 0, TearWords: 3)).Database!;
        Assert.That(image.Take(24), Is.All.EqualTo(7));
        Assert.That(image.Skip(24), Is.All.EqualTo(1));
    }

    [TestCase(nameof(CrashFill.Old), 1)]
    [TestCase(nameof(CrashFill.Zero), 0)]
    [TestCase(nameof(CrashFill.Stale), 9)]
    public void CrashImage_OfALostSector_HoldsTheFill(string fill, int expected)
    {
        var disk = new SimulatedDisk(new DiskImage(Filled(1024, 9)));
        var file = disk.OpenFile(writable: true);
        file.Write(0, Filled(512, 1));
        file.Flush();
        file.Write(0, Filled(512, 7));
        var plan = new CrashPlan(SectorSelection.None, Fill: Enum.Parse<CrashFill>(fill));
        Assert.That(disk.CrashImage(plan).Database![0], Is.EqualTo(expected));
    }

    [Test]
    public void CrashImage_OfBytesWrittenAgainUnchanged_CannotLoseThem()
    {
        var disk = Disk(out var file, 1024);
        file.Write(0, Filled(512, 1));
        Assert.That(
            disk.CrashImage(new CrashPlan(SectorSelection.None, Fill: CrashFill.Garbage)).Database,
            Is.EqualTo(Filled(1024, 1)));
    }

    [Test]
    public void CrashImage_AfterGrowth_HasAnyOfTheLengths()
    {
        var disk = Disk(out var file, 512);
        file.SetLength(1024);
        file.SetLength(4096);
        file.Write(512, Filled(512, 7));
        Assert.That(disk.CrashImage(new CrashPlan(SectorSelection.All, Length: 0)).Database, Has.Length.EqualTo(4096));
        Assert.That(disk.CrashImage(new CrashPlan(SectorSelection.All, Length: 1)).Database, Has.Length.EqualTo(1024));
        Assert.That(
            disk.CrashImage(new CrashPlan(SectorSelection.All, Length: 2)).Database, Is.EqualTo(Filled(512, 1)));
    }

    [Test]
    public void Flush_ThatFails_LosesWhatWasPendingAndTheNextSucceeds()
    {
        var disk = Disk(out var file, 1024);
        file.Write(0, Filled(512, 7));
        disk.Arm(new Fault(0, FaultKind.InputOutput));
        Assert.That(file.Flush, Throws.TypeOf<StorageWriteException>());
        Assert.That(file.Flush, Throws.Nothing);
        Assert.That(disk.Cache[0], Is.EqualTo(7), "the cache believes in it");
        Assert.That(disk.Durable[0], Is.EqualTo(1), "the disk lacks it");
        file.DropCache();
        Assert.That(disk.Cache[0], Is.EqualTo(1));
    }

    [Test]
    public void DropCache_WithUnflushedWrites_KeepsThese()
    {
        var disk = Disk(out var file, 1024);
        file.Write(0, Filled(512, 7));
        file.DropCache();
        Assert.That(disk.Cache[0], Is.EqualTo(7));
        file.Flush();
        Assert.That(disk.Durable[0], Is.EqualTo(7));
    }

    [Test]
    public void Flush_ThatLeavesBlocksUnwritten_SwallowsLaterWritesUntilTheCacheIsDropped()
    {
        var disk = Disk(out var file, 4096);
        file.SetLength(8192);
        file.Write(4096, Filled(512, 7));
        disk.Arm(new Fault(0, FaultKind.Unwritten));
        Assert.That(file.Flush, Throws.TypeOf<StorageWriteException>());
        file.Write(4096, Filled(512, 7));
        file.Flush();
        Assert.That(disk.Durable[4096], Is.Zero);
        file.DropCache();
        file.Write(4096, Filled(512, 7));
        file.Flush();
        Assert.That(disk.Durable[4096], Is.EqualTo(7));
    }

    [TestCase(nameof(FaultKind.NoSpace), true, 0)]
    [TestCase(nameof(FaultKind.InputOutput), false, 0)]
    [TestCase(nameof(FaultKind.ShortWriteNoSpace), true, 1)]
    [TestCase(nameof(FaultKind.ShortWriteInputOutput), false, 1)]
    public void Write_ThatFails_SaysHow(string kind, bool isFull, int some)
    {
        var disk = Disk(out var file, 1024);
        disk.Arm(new Fault(1, Enum.Parse<FaultKind>(kind), Seed: 5));
        file.Write(0, Filled(512, 1));
        Assert.That(
            () => file.Write(0, Filled(512, 7)),
            Throws.TypeOf<StorageWriteException>().With.Property("IsFull").EqualTo(isFull));
        Assert.That(disk.Cache.ToArray().Contains((byte)7), Is.EqualTo(some == 1));
        Assert.That(() => file.Write(0, Filled(512, 7)), Throws.Nothing);
    }

    [Test]
    public void Write_BeyondTheCapacity_IsFull()
    {
        var disk = Disk(out var file, 512);
        Assert.That(() => file.SetLength(2 << 20), Throws.TypeOf<StorageWriteException>().With.Property("IsFull").True);
    }

    [Test]
    public void ArmedCrash_AtTheCallAfterTheNextTwo_KillsThisAndAllLaterOnes()
    {
        var disk = Disk(out var file, 512);
        disk.ArmCrash(2);
        file.Write(0, Filled(1, 7));
        file.Write(1, Filled(1, 7));
        Assert.That(() => file.Write(2, Filled(1, 7)), Throws.TypeOf<SimulatedCrashException>());
        Assert.That(file.Flush, Throws.TypeOf<SimulatedCrashException>());
        Assert.That(disk.Cache[..3].ToArray(), Is.EqualTo(new byte[] { 7, 7, 1 }));
        disk.Kill();
        Assert.That(() => disk.OpenFile(true), Throws.Nothing);
    }

    [Test]
    public unsafe void Map_BeforeAWrite_ShowsItAndOutlivesThePowerCut()
    {
        var disk = Disk(out var file, 512);
        var map = file.Map(512);
        file.Write(3, Filled(1, 7));
        Assert.That(map.Address[3], Is.EqualTo(7));
        disk.PowerCut(CrashPlan.Nothing);
        Assert.That(map.Address[3], Is.EqualTo(7));
        map.Release();
    }

    [Test]
    public void RenameTemporary_WithoutDirectoryFlush_MayBeLost()
    {
        var disk = new SimulatedDisk();
        var file = disk.CreateTemporary();
        file.Write(0, Filled(512, 7));
        file.Flush();
        disk.RenameTemporary();
        Assert.That(disk.CrashImage(CrashPlan.Everything).Database, Is.EqualTo(Filled(512, 7)));
        Assert.That(disk.CrashImage(CrashPlan.Everything with { Directory = 1 }).Temporary, Is.EqualTo(Filled(512, 7)));
        Assert.That(disk.CrashImage(CrashPlan.Everything with { Directory = 2 }), Is.EqualTo(new DiskImage(null)));
        disk.FlushDirectory();
        Assert.That(disk.CrashImage(CrashPlan.Everything with { Directory = 2 }).Database, Is.EqualTo(Filled(512, 7)));
    }

    [Test]
    public void Replay_OfATrace_GivesTheSameCrashImages()
    {
        var disk = new SimulatedDisk { Trace = new DiskTrace() };
        var file = disk.CreateTemporary();
        var plan = new CrashPlan(SectorSelection.Random(3), Fill: CrashFill.Mixed, Length: 1, Seed: 5);
        for (var i = 0; i < 20; i++)
        {
            file.Write(i * 300, Filled(700, (byte)i));
            if (i % 7 == 3)
            {
                file.Flush();
            }

            if (i == 10)
            {
                disk.RenameTemporary();
                disk.FlushDirectory();
            }
        }

        var state = new DiskState();
        for (var i = 0; i < disk.Trace.Count; i++)
        {
            state.Apply(disk.Trace, i);
        }

        Assert.That(state.Crash(plan).Database, Is.EqualTo(disk.CrashImage(plan).Database));
    }

    private static byte[] Filled(int length, byte value) => Enumerable.Repeat(value, length).ToArray();

    private static SimulatedDisk Disk(out IStorageFile file, int length)
    {
        var disk = new SimulatedDisk(new DiskImage(Filled(length, 1)));
        file = disk.OpenFile(writable: true);
        return disk;
    }
}
