using Engine.Storage;

namespace Engine.PropertyTests.Model;

/// <summary>The one place where the tests open the engine over a storage of their own.</summary>
internal static class EngineHost
{
    public static Database Open(IStorage storage, int pageSize) =>
        Database.Open(storage, Options(pageSize));

    public static Database OpenInMemory(int pageSize) => Database.OpenInMemory(Options(pageSize));

    private static DatabaseOptions Options(int pageSize) => new() { PageSize = pageSize, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan };
}
