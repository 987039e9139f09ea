using System.Buffers;

namespace Engine.Testing.Simulation;

/// <summary>
/// One file as the disk has it: the bytes that certainly survive, and the operations since the last flush, of which any
/// part may survive. Knows nothing of what the process sees.
/// </summary>
internal sealed class DurableFile
{
    // Superblock and metas, after docs/format.md.
    private const int BlockSize = 4096;

    private readonly List<PendingOperation> _pending = [];
    private readonly ByteArena _arena = new();
    private readonly SectorHistory _history = new();
    private readonly HashSet<int> _touched = [];
    private byte[] _bytes;
    private int _length;

    public DurableFile(ReadOnlySpan<byte> content = default)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(content.Length);
        content.CopyTo(_bytes);
        _length = content.Length;
    }

    /// <summary>The bytes that certainly survive.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>How many sector writes happened since the last flush.</summary>
    public int PendingSectors
    {
        get
        {
            var count = 0;
            foreach (var operation in _pending)
            {
                count += operation.IsLength ? 0 : SectorsOf(operation);
            }

            return count;
        }
    }

    /// <summary>How many lengths the file had since the last flush, that one included.</summary>
    public int PendingLengths
    {
        get
        {
            var count = 1;
            foreach (var operation in _pending)
            {
                count += operation.IsLength ? 1 : 0;
            }

            return count;
        }
    }

    public void Write(int offset, ReadOnlySpan<byte> data) =>
        _pending.Add(new PendingOperation(offset, data.Length, _arena.Add(data)));

    public void SetLength(int length) => _pending.Add(new PendingOperation(length, 0, -1));

    /// <summary>A flush that succeeds: everything pending is certain now.</summary>
    public void Flush()
    {
        foreach (var operation in _pending)
        {
            if (operation.IsLength)
            {
                ResizeTo(operation.Offset);
                continue;
            }

            _history.Remember(Bytes, operation.Offset, operation.Length);
            _arena.Slice(operation.Data, operation.Length).CopyTo(_bytes.AsSpan(operation.Offset));
        }

        _history.NextFlush();
        Forget();
    }

    /// <summary>
    /// A flush that fails: some sectors may have arrived, the rest will never be written again unless somebody writes
    /// it anew, since the system takes its pages for clean.
    /// </summary>
    public void FailFlush(CrashPlan arrived)
    {
        var image = ArrayPool<byte>.Shared.Rent(BoundOfCrash);
        var length = Crash(arrived, firstSector: 0, image);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = image;
        _length = length;
        Forget();
    }

    /// <summary>Gives the memory back. The file is gone; doing it twice is harmless.</summary>
    public void Discard()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
        _arena.Discard();
    }

    /// <summary>
    /// Finds the pending sector writes that matter: not those that write what the disk holds already, unless the sector
    /// is written more than once.
    /// </summary>
    /// <param name="firstSector">The number of this file's first pending sector.</param>
    /// <param name="sectors">Gets them, in order.</param>
    public void FindChanges(int firstSector, List<PendingSector> sectors)
    {
        _touched.Clear();
        var number = firstSector;
        foreach (var operation in _pending)
        {
            var data = operation.IsLength ? default : _arena.Slice(operation.Data, operation.Length);
            for (var done = 0; done < data.Length; number++)
            {
                var offset = operation.Offset + done;
                var piece = data.Slice(
                    done, Math.Min(data.Length - done, SimulatedDisk.SectorSize - offset % SimulatedDisk.SectorSize));
                var isFirst = _touched.Add(offset / SimulatedDisk.SectorSize);
                if (!isFirst || !Holds(offset, piece))
                {
                    sectors.Add(new PendingSector(number, offset));
                }

                done += piece.Length;
            }
        }
    }

    /// <summary>Finds the pending writes, in order.</summary>
    /// <param name="firstSector">The number of this file's first pending sector.</param>
    /// <param name="writes">Gets them.</param>
    public void FindWrites(int firstSector, List<PendingWrite> writes)
    {
        foreach (var operation in _pending)
        {
            if (!operation.IsLength)
            {
                writes.Add(
                    new PendingWrite(firstSector, SectorsOf(operation), operation.Offset, operation.Length));
                firstSector += SectorsOf(operation);
            }
        }
    }

    /// <summary>Enough room for any outcome of <see cref="Crash"/>.</summary>
    public int BoundOfCrash
    {
        get
        {
            var bound = _length;
            foreach (var operation in _pending)
            {
                bound = Math.Max(bound, operation.IsLength ? operation.Offset : operation.Offset + operation.Length);
            }

            return bound;
        }
    }

    /// <summary>Writes what a power cut leaves into <paramref name="image"/>.</summary>
    /// <param name="plan">What arrives.</param>
    /// <param name="firstSector">The number of this file's first pending sector in the plan.</param>
    /// <param name="image">At least <see cref="BoundOfCrash"/> bytes.</param>
    /// <returns>The length of the file.</returns>
    public int Crash(CrashPlan plan, int firstSector, Span<byte> image)
    {
        image = image[..BoundOfCrash];
        Bytes.CopyTo(image);
        image[_length..].Clear();
        var sector = firstSector;
        foreach (var operation in _pending)
        {
            if (operation.IsLength)
            {
                continue;
            }

            var data = _arena.Slice(operation.Data, operation.Length);
            if (IsBlock(operation) && IsLostWhole(plan, sector, SectorsOf(operation)))
            {
                if (!data.SequenceEqual(image.Slice(operation.Offset, data.Length)))
                {
                    RestoreBlock(plan, operation, image);
                }

                sector += SectorsOf(operation);
                continue;
            }

            for (var done = 0; done < data.Length; sector++)
            {
                var offset = operation.Offset + done;
                var piece = data.Slice(
                    done, Math.Min(data.Length - done, SimulatedDisk.SectorSize - offset % SimulatedDisk.SectorSize));
                ApplyPiece(plan, sector, offset, piece, image);
                done += piece.Length;
            }
        }

        var length = ChooseLength(plan.Length);
        image[length..].Clear();
        return length;
    }

    /// <summary>
    /// Carries the pending operations out on what was read from the disk: what waits for a flush stays in the cache.
    /// </summary>
    public void Overlay(Span<byte> cache)
    {
        foreach (var operation in _pending)
        {
            var rest = cache[Math.Min(operation.Offset, cache.Length)..];
            if (operation.IsLength)
            {
                rest.Clear();
                continue;
            }

            var data = _arena.Slice(operation.Data, operation.Length);
            data[..Math.Min(data.Length, rest.Length)].CopyTo(rest);
        }
    }

    // Beyond the end a file would hold zeros.
    private bool Holds(int offset, ReadOnlySpan<byte> piece)
    {
        var inside = Math.Clamp(_length - offset, 0, piece.Length);
        return piece[..inside].SequenceEqual(_bytes.AsSpan(Math.Min(offset, _length), inside))
            && !piece[inside..].ContainsAnyExcept((byte)0);
    }

    private static int SectorsOf(PendingOperation write) =>
        (write.Offset + write.Length - 1) / SimulatedDisk.SectorSize - write.Offset / SimulatedDisk.SectorSize + 1;

    // Superblock or meta: blocks at the start of the file, whatever the page size.
    private static bool IsBlock(PendingOperation write) =>
        write.Offset < BlockSize * 4 && write.Length == BlockSize;

    // A block that a flush has replaced comes back whole here. Where some sectors of the next write arrived, each of
    // the others may come back as it was once: metas are masked, so that no meta can be completed out of others.
    private static bool IsLostWhole(CrashPlan plan, int sector, int count)
    {
        for (var i = sector; i < sector + count; i++)
        {
            if (plan.Keep.Keeps(i))
            {
                return false;
            }
        }

        return plan.Fill == CrashFill.Stale && plan.FillSector < 0;
    }

    private void RestoreBlock(CrashPlan plan, PendingOperation write, Span<byte> image)
    {
        for (var done = 0; done < write.Length; done += SimulatedDisk.SectorSize)
        {
            _history.CopyTo(image.Slice(write.Offset + done, SimulatedDisk.SectorSize), write.Offset + done, plan.Seed);
        }
    }

    private void ApplyPiece(
        CrashPlan plan, int sector, int offset, ReadOnlySpan<byte> piece, Span<byte> image)
    {
        var target = image.Slice(offset, piece.Length);
        if (plan.Keep.Keeps(sector))
        {
            var arrived = sector == plan.TearSector ? Math.Min(plan.TearWords * 8, piece.Length) : piece.Length;
            piece[..arrived].CopyTo(target);
            return;
        }

        if (plan.Fill == CrashFill.Old || (plan.FillSector >= 0 && plan.FillSector != sector)
            || piece.SequenceEqual(target))
        {
            return;
        }

        var dice = Dice.Mix(plan.Seed ^ ((ulong)sector << 32));
        switch (plan.Fill == CrashFill.Mixed ? (CrashFill)(dice & 3) : plan.Fill)
        {
            case CrashFill.Zero:
                target.Clear();
                break;
            case CrashFill.Garbage:
                Dice.Fill(target, dice);
                break;
            case CrashFill.Stale:
                _history.CopyTo(target, offset, plan.Seed);
                break;
        }
    }

    private int ChooseLength(int choice)
    {
        Span<int> lengths = stackalloc int[PendingLengths];
        var count = 0;
        lengths[count++] = _length;
        foreach (var operation in _pending)
        {
            if (operation.IsLength)
            {
                lengths[count++] = operation.Offset;
            }
        }

        var back = (int)((uint)choice % (uint)count);
        return choice == -1 ? lengths[0] : lengths[count - 1 - back];
    }

    private void ResizeTo(int length)
    {
        if (length > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, _bytes.Length * 2));
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        if (length > _length)
        {
            _bytes.AsSpan(_length, length - _length).Clear();
        }

        _length = length;
    }

    private void Forget()
    {
        _pending.Clear();
        _arena.Clear();
    }
}
