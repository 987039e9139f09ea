using Engine.Storage;

namespace Engine.PropertyTests.Model;

/// <summary>The one place where the tests open the engine over a storage of their own.</summary>
internal static class EngineHost
{
    public static Database Open(IStorage storage, int pageSize) =>
        Database.Open(storage, Options(pageSize));

    public static Database Open(IStorage storage, OperationProgram program) => Database.Open(storage, Options(program));

    public static Database OpenInMemory(OperationProgram program) => Database.OpenInMemory(Options(program));

    private static DatabaseOptions Options(OperationProgram program) => program.Budget is not { } budget
        ? Options(program.PageSize)
        : new DatabaseOptions
        {
            PageSize = program.PageSize,
            AllowTestPageSizes = true,
            FlushInterval = Timeout.InfiniteTimeSpan,
            TransactionMemory = (long)budget * program.PageSize,
            EarlyWriteThreshold = 2 * program.PageSize,
        };

    private static DatabaseOptions Options(int pageSize) => new() { PageSize = pageSize, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan };
}
