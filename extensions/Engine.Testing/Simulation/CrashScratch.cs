namespace Engine.Testing.Simulation;

/// <summary>Memory for one crash image after the other.</summary>
internal sealed class CrashScratch
{
    private byte[] _database = [];
    private byte[] _temporary = [];

    /// <summary>What a power cut leaves; valid until the next call.</summary>
    public ImageView Crash(DiskState state, CrashPlan plan)
    {
        var names = state.NamesAfter(plan);
        var database = Crash(names.Database, plan, 0, ref _database);
        var temporary = Crash(names.Temporary, plan, names.Database?.PendingSectors ?? 0, ref _temporary);
        return new ImageView(
            names.Database is not null,
            database,
            names.Temporary is not null,
            temporary,
            LockRecord.After(state.DurableLock, state.CurrentLock, plan));
    }

    private static ReadOnlySpan<byte> Crash(DurableFile? file, CrashPlan plan, int firstSector, ref byte[] memory)
    {
        if (file is null)
        {
            return default;
        }

        if (memory.Length < file.BoundOfCrash)
        {
            memory = new byte[file.BoundOfCrash * 3 / 2];
        }

        return memory.AsSpan(0, file.Crash(plan, firstSector, memory));
    }
}
