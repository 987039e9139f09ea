using Engine.Space;
using Engine.Storage;

namespace Engine.PropertyTests.Model;

/// <summary>The one place where the tests open the engine over a storage of their own.</summary>
internal static class EngineHost
{
    // A log of a few hundred bytes has pages of its own, is condensed now and then, a zone exists in databases of some
    // dozen pages, and a run list of more than one run is in pages of its own (the writer leaves 80 bytes for log
    // pages, which may come).
    private static readonly SpaceTuning Tight =
        new() { LogHeadLimit = 96, SmallLog = 400, ZoneMinimumPages = 96, InlineRunsLimit = 82 };

    // So near that programs meet the end of it.
    private const ulong TightReach = 8;

    /// <summary>How far ids run ahead of the durable one.</summary>
    public static ulong IdReach(OperationProgram program) =>
        program.IsTight ? TightReach : new DatabaseOptions().IdReach;

    public static Database Open(IStorage storage, int pageSize) => Open(storage, new OperationProgram(pageSize, []));

    public static Database Open(IStorage storage, OperationProgram program, TimeProvider? time = null) =>
        Database.Open(storage, Options(program, time));

    public static Database OpenInMemory(OperationProgram program) => Database.OpenInMemory(Options(program));

    private static DatabaseOptions Options(OperationProgram program, TimeProvider? time = null)
    {
        var standard = new DatabaseOptions();
        return new DatabaseOptions
        {
            PageSize = program.PageSize,
            TimeProvider = time ?? new ModelTime(),
            AllowTestPageSizes = true,
            FlushInterval = Timeout.InfiniteTimeSpan,

            // What waits for a flush is committed on the thread that flushed, before that one returns, and without a
            // transaction that is still open then.
            HasFlusher = false,
            SealPatience = TimeSpan.Zero,
            BoardingBytes = program.Boards ? 0 : -1,
            IdReach = IdReach(program),
            Space = program.IsTight ? Tight : SpaceTuning.Default,
            TransactionMemory = program.Budget is { } budget
                ? (long)budget * program.PageSize
                : standard.TransactionMemory,
            EarlyWriteThreshold = program.Budget is null ? standard.EarlyWriteThreshold : 2 * program.PageSize,
            EarlyValueMemory = program.IsTight || program.Budget is not null
                ? 4 * program.PageSize
                : standard.EarlyValueMemory,
        };
    }
}
