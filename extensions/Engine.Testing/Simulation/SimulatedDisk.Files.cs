using System.Runtime.CompilerServices;

namespace Engine.Testing.Simulation;

/// <content>What the handles of open files ask for.</content>
internal partial class SimulatedDisk
{
    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void Read(SimulatedFile file, long offset, Span<byte> destination, int life)
    {
        Count(DiskCall.Read, life);
        if (TakeFault(DiskCall.Read) is not null)
        {
            throw new IOException("Simulated: reading failed.");
        }

        if (offset < 0 || offset + destination.Length > file.Length)
        {
            throw new DatabaseCorruptException(
                $"{Name} is shorter than expected: {destination.Length} bytes at {offset} were asked for, it has "
                + $"{file.Length}.");
        }

        file.Bytes.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    /// <summary>The caller maps the first bytes of a file, unless this throws.</summary>
    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void PrepareMap(SimulatedFile file, long length, int life)
    {
        Count(DiskCall.Map, life);
        if (TakeFault(DiskCall.Map) is not null)
        {
            throw new IOException("Simulated: mapping failed.");
        }

        if (length < 0 || length > file.Length)
        {
            throw new DatabaseCorruptException(
                $"{Name} is shorter than expected: {length} bytes were to be mapped, it has {file.Length}.");
        }
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void Write(SimulatedFile file, int offset, ReadOnlySpan<byte> data, int life)
    {
        Count(DiskCall.Write, life);
        Changes++;
        BytesWritten += data.Length;
        if (file == _files.Database)
        {
            _guard?.Check(Cache, offset, data);
        }

        if (TakeFault(DiskCall.Write) is { } fault)
        {
            var arrived = fault.Kind is FaultKind.ShortWriteNoSpace or FaultKind.ShortWriteInputOutput
                ? (int)(Dice.Mix(fault.Seed) % (ulong)data.Length)
                : 0;
            CarryOut(file, offset, data[..arrived]);
            throw Failure("writing", fault.Kind);
        }

        if (offset + data.Length > _capacity)
        {
            throw Failure("writing", FaultKind.NoSpace);
        }

        CarryOut(file, offset, data);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void SetLength(SimulatedFile file, int length, int life)
    {
        Count(DiskCall.SetLength, life);
        Changes++;
        if (TakeFault(DiskCall.SetLength) is { } fault)
        {
            throw Failure("changing the length", fault.Kind);
        }

        if (length > _capacity)
        {
            throw Failure("changing the length", FaultKind.NoSpace);
        }

        Trace?.Add(TraceKind.SetLength, IsTemporary(file), length);
        file.SetLength(length);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void Flush(SimulatedFile file, int life)
    {
        Count(DiskCall.Flush, life);
        Changes++;
        _isFlushing = true;
        try
        {
            BeforeFlush?.Invoke();
        }
        finally
        {
            _isFlushing = false;
        }

        // It may have died of what was done meanwhile.
        RequireLife(life);
        if (TakeFault(DiskCall.Flush) is { } fault)
        {
            var arrived = fault.Kind is FaultKind.ShortWriteNoSpace or FaultKind.ShortWriteInputOutput
                ? new CrashPlan(SectorSelection.Random(fault.Seed))
                : CrashPlan.Nothing;
            Trace?.Add(TraceKind.FailedFlush, IsTemporary(file), file.Length, arrived);
            file.FailFlush(arrived, leavesUnwritten: fault.Kind == FaultKind.Unwritten);
            _guard?.Reset(Cache, Durable);
            throw Failure("flushing", fault.Kind);
        }

        file.Durable.Flush();
        Trace?.Add(TraceKind.Flush, IsTemporary(file));
        if (file == _files.Database)
        {
            _guard?.OnFlushed(Cache, Durable);
        }
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    private void FlushLock(int life)
    {
        Count(DiskCall.FlushLock, life);
        Changes++;
        if (TakeFault(DiskCall.FlushLock) is { } fault)
        {
            throw Failure("flushing the lock file", fault.Kind);
        }

        _state.CurrentLock = Lock;
        _state.FlushLock();
        Trace?.AddLock(Lock);
        Trace?.Add(TraceKind.FlushLock);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    internal void DropCache(SimulatedFile file, int life)
    {
        RequireLife(life);
        file.DropCache();
        _guard?.Reset(Cache, Durable);
    }

    private void CarryOut(SimulatedFile file, int offset, ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
        {
            return;
        }

        if (Trace is not null)
        {
            if (offset + data.Length > file.Length)
            {
                Trace.Add(TraceKind.SetLength, IsTemporary(file), offset + data.Length);
            }

            Trace.AddWrite(IsTemporary(file), offset, data);
        }

        file.Write(offset, data);
        if (file == _files.Database)
        {
            _guard?.OnWritten(Cache, offset, data.Length);
        }
    }
}
