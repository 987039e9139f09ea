using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// A sound database with one page or meta replaced by an earlier version, zeros, another page, or with a bit flipped:
/// the engine says that it is corrupt, or shows the newest state; the one before it only if what is damaged belongs to
/// the newest commit, and the database was not closed in good order.
/// </summary>
internal sealed class DamageTier : ITier
{
    private const int PageSize = 256;
    private const string Program =
        "256: fill 0 0 40 7; commit; put 0 1 13263; commit; create 1; fill 1 0 12 4; commit; "
        + "fill 0 2 6 50; commit; put 0 5 6; put 1 3 6; commit; put 0 9 14; commit; put 0 3 6; put 0 8 1; commit";

    private static readonly OperationProgram Empty = new(PageSize, []);
    private static readonly int[] Flipped = [0, 4, 5, 6, 8, 16, 24, 26, 28, 32, 40, 70, 128, 200, 230, 250, 255];

    // Closed in good order, so that nothing may fall back.
    private static readonly string[] Closed =
    [
        "256: put 0 1 100; commit",
        "256: put 0 1 100; commit; put 0 2 5; commit; put 0 3 5; commit",
        "256: fill 0 0 12 7; commit; reopen; put 0 3 9; defer; put 0 4 9; defer; create 1; put 1 1 5; defer",
    ];

    public string Name => "damage";

    public string Unit => "images";

    public void Run(StateCount count)
    {
        var trace = new DiskTrace();
        var states = ProgramRunner.Record(OperationProgram.Parse(Program), trace).States;
        var images = Images(trace);
        var newest = images[^1];
        var report = ImageChecker.Check(newest);
        foreach (var page in report.Reachable.Pages())
        {
            var mayFallBack = ImageLayout.U64(newest, (int)(page * PageSize) + 16) == report.Meta.Id
                || IsListed(newest, report.Meta, page);
            foreach (var damaged in Damage(images, (int)page))
            {
                _ = count.Next();
                Judge(damaged, states, mayFallBack);
            }
        }

        foreach (var (damaged, mayFallBack) in DamageMetas(images, report.Meta))
        {
            _ = count.Next();
            Judge(damaged, states, mayFallBack);
        }

        foreach (var program in Closed)
        {
            DecaySweep.Run(OperationProgram.Parse(program), () => _ = count.Next());
        }
    }

    // What is durable after each commit, the last of which is a verified one.
    private static List<byte[]> Images(DiskTrace trace)
    {
        var state = new DiskState();
        var images = new List<byte[]>();
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace[i].Kind == TraceKind.Mark && TraceMark.IsDurable(trace[i]))
            {
                images.Add(state.Names.Database!.Bytes.ToArray());
            }

            state.Apply(trace, i);
        }

        // The last one was closed in good order; of interest is what it was before.
        while (!MetaChooser.Choose(images[^1]).Meta.IsVerified)
        {
            images.RemoveAt(images.Count - 1);
        }

        return images;
    }

    private static bool IsListed(byte[] image, MetaImage meta, long page) =>
        RunListImage.Read(image, meta).Exists(run => page >= run.First && page < run.First + run.Pages);

    private static IEnumerable<byte[]> Damage(List<byte[]> images, int page)
    {
        var newest = images[^1];
        var place = page * PageSize;
        foreach (var older in images.Where(image => image.Length >= place + PageSize))
        {
            if (!older.AsSpan(place, PageSize).SequenceEqual(newest.AsSpan(place, PageSize)))
            {
                yield return With(newest, place, older.AsSpan(place, PageSize));
            }
        }

        yield return With(newest, place, new byte[PageSize]);
        yield return With(newest, place, newest.AsSpan(place - PageSize, PageSize));
        foreach (var at in Flipped)
        {
            yield return With(newest, place + at, [(byte)(newest[place + at] ^ 1)]);
            yield return With(newest, place + at, [(byte)(newest[place + at] ^ 0x80)]);
        }
    }

    private static IEnumerable<(byte[] Image, bool MayFallBack)> DamageMetas(List<byte[]> images, MetaImage meta)
    {
        var newest = images[^1];
        int own = (1 + meta.Slot) * ImageLayout.BlockSize, other = (2 - meta.Slot) * ImageLayout.BlockSize;
        foreach (var older in images)
        {
            yield return (With(newest, own, older.AsSpan(own, ImageLayout.BlockSize)), true);
            for (var sector = 0; sector < ImageLayout.BlockSize; sector += SimulatedDisk.SectorSize)
            {
                yield return (With(newest, own + sector, older.AsSpan(own + sector, SimulatedDisk.SectorSize)), true);
                yield return (With(newest, own, older.AsSpan(own, sector)), true);
            }

            // Two faults at once: what the newest meta names as durable is gone, so nothing may be taken in its place.
            var place = (int)RunListImage.Read(newest, meta)[0].First * PageSize;
            if (!older.AsSpan(other, ImageLayout.BlockSize).SequenceEqual(newest.AsSpan(other, ImageLayout.BlockSize)))
            {
                yield return (
                    With(With(newest, other, older.AsSpan(other, ImageLayout.BlockSize)), place, new byte[PageSize]),
                    false);
            }
        }
    }

    private static byte[] With(byte[] image, int at, ReadOnlySpan<byte> bytes)
    {
        var changed = image.ToArray();
        bytes.CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static void Judge(byte[] image, IReadOnlyList<ModelState> states, bool mayFallBack)
    {
        var disk = MakeDisk(image);
        ulong digest;
        try
        {
            using var database = EngineHost.Open(disk, Empty);
            using var read = database.BeginRead();
            digest = EngineContents.Digest(database, read);
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            return;
        }
        finally
        {
            disk.Discard();
        }

        if (digest != states[^1].Digest && !(mayFallBack && digest == states[^2].Digest))
        {
            throw new InvariantViolationException(
                9, "a damaged page or meta is shown as if it were sound, or something too old is taken in its place");
        }
    }

    // Without the net of invariant 3, which would stumble over the damage.
    private static SimulatedDisk MakeDisk(byte[] image)
    {
        var disk = new SimulatedDisk();
        using (var file = disk.CreateTemporary())
        {
            file.Write(0, image);
            file.Flush();
        }

        disk.RenameTemporary();
        disk.FlushDirectory();
        return disk;
    }
}
