using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Judges what time makes of a file that nobody writes: the engine refuses it and leaves it as it is, or reading finds
/// the damage, or all that is read is what was there. Never an older state, and what was rejected is reported.
/// </summary>
internal sealed class DecayJudge(OperationProgram program)
{
    private const int Capacity = 1 << 21;

    /// <summary>Damaged files judged.</summary>
    public long States { get; private set; }

    /// <summary>A file that was closed in order.</summary>
    /// <param name="image">The file and what the lock file says of it.</param>
    /// <param name="earlier">What the file held before, the last one first.</param>
    /// <param name="expected">What it holds.</param>
    /// <param name="decay">What happens to it.</param>
    public void Judge(DiskImage image, IReadOnlyList<byte[]> earlier, ModelState expected, Decay decay)
    {
        var damaged = decay.Apply(image.Database, program.PageSize, earlier);
        if (damaged.AsSpan().SequenceEqual(image.Database))
        {
            return;
        }

        // With the lock file, after another start of the machine; and if it was lost.
        Judge(
            new DiskImage(damaged, Lock: image.Lock),
            isSameBoot: false,
            [expected],
            decay,
            mustReport: IsMetaDamaged(image.Database!, damaged));
        if (decay.IsSingle)
        {
            Judge(new DiskImage(damaged), isSameBoot: false, [expected], decay, mustReport: false);
        }
    }

    /// <summary>
    /// A file whose process was killed, in the same start of the machine: what it had reported durable is
    /// there.
    /// </summary>
    /// <param name="image">The file and what the lock file says of it.</param>
    /// <param name="earlier">What the file held before, the last one first.</param>
    /// <param name="allowed">What it may hold.</param>
    /// <param name="decay">What happens to it; in one place.</param>
    public void JudgeKilled(
        DiskImage image, IReadOnlyList<byte[]> earlier, IReadOnlyList<ModelState> allowed, Decay decay)
    {
        var damaged = decay.Apply(image.Database, program.PageSize, earlier);
        if (decay.IsSingle && !damaged.AsSpan().SequenceEqual(image.Database))
        {
            Judge(new DiskImage(damaged, Lock: image.Lock), isSameBoot: true, allowed, decay, mustReport: false);
        }
    }

    private void Judge(
        DiskImage damaged, bool isSameBoot, IReadOnlyList<ModelState> allowed, Decay decay, bool mustReport)
    {
        States++;
        var disk = SimulatedDisk.Found(damaged, isSameBoot, Capacity);
        try
        {
            Judge(disk, damaged, allowed, mustReport);
        }
        catch (InvariantViolationException e)
        {
            throw new InvariantViolationException(
                e.Invariant, $"{e.Message} ({decay}, {(damaged.Lock == default ? "without" : "with")} lock file)");
        }
        finally
        {
            disk.Discard();
        }
    }

    private void Judge(SimulatedDisk disk, DiskImage damaged, IReadOnlyList<ModelState> allowed, bool mustReport)
    {
        Database database;
        try
        {
            database = EngineHost.Open(disk, program);
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            RequireUntouched(disk, damaged);
            return;
        }

        ModelState? found = null;
        try
        {
            found = Read(database, allowed);
            if (mustReport && database.Recovery is not { IsComplete: true })
            {
                throw new InvariantViolationException(
                    13, "a meta of a file that was closed in good order is damaged, and nobody says so");
            }
        }
        catch (DatabaseCorruptException)
        {
            // Found by reading.
        }
        finally
        {
            database.Dispose();
        }

        if (found is not null && mustReport)
        {
            RequireMended(disk, found);
        }
    }

    private static ModelState Read(Database database, IReadOnlyList<ModelState> allowed)
    {
        using var read = database.BeginRead();
        var digest = EngineContents.Digest(database, read);
        foreach (var state in allowed)
        {
            if (state.Digest == digest)
            {
                return state;
            }
        }

        throw new InvariantViolationException(
            13,
            $"damage is shown as if it were sound, or an older state is taken in "
            + $"silence\n{allowed[^1].Difference(EngineContents.Collect(database, read))}");
    }

    // Refused, and again: neither the file nor what is known of it has changed.
    private void RequireUntouched(SimulatedDisk disk, DiskImage damaged)
    {
        if (!disk.Cache.SequenceEqual(damaged.Database) || !disk.Lock.SaysTheSame(damaged.Lock))
        {
            throw new InvariantViolationException(
                13, "an opening that was refused changed the file, or what the lock file knows of it");
        }

        try
        {
            EngineHost.Open(disk, program).Dispose();
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            return;
        }

        throw new InvariantViolationException(13, "a file that was refused is opened the next time");
    }

    // Opening for writing and closing gave the state two metas again.
    private void RequireMended(SimulatedDisk disk, ModelState expected)
    {
        if (ImageChecker.Check(disk.Durable).Digest != expected.Digest)
        {
            throw new InvariantViolationException(13, "mending changed the content");
        }

        using var database = EngineHost.Open(disk, program);
        if (database.Recovery is { } report)
        {
            throw new InvariantViolationException(13, $"a damaged meta was not mended: {report}");
        }
    }

    private static bool IsMetaDamaged(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        before.Length >= 3 * ImageLayout.BlockSize && after.Length >= 3 * ImageLayout.BlockSize
        && !before[ImageLayout.BlockSize..(3 * ImageLayout.BlockSize)].SequenceEqual(
            after[ImageLayout.BlockSize..(3 * ImageLayout.BlockSize)]);
}
