using System.Runtime.CompilerServices;

namespace Engine.Extensions.Caching;

/// <summary>
/// Which caches are open: two of one name in one database would not know each other's changes that wait in memory.
/// </summary>
internal static class OpenCaches
{
    private static readonly ConditionalWeakTable<Database, HashSet<string>> NamesByDatabase = [];

    public static bool TryClaim(Database database, string name)
    {
        var names = NamesByDatabase.GetOrCreateValue(database);
        lock (names)
        {
            return names.Add(name);
        }
    }

    public static void Release(Database database, string name)
    {
        var names = NamesByDatabase.GetOrCreateValue(database);
        lock (names)
        {
            names.Remove(name);
        }
    }
}
