using System.Diagnostics;
using System.Runtime.Loader;

namespace Engine.Diagnostics;

/// <summary>
/// What the engine registers with the process, which would keep a collectible load context alive for good: it is
/// disposed when the context of the engine's assembly begins to be unloaded. In a context that is never unloaded it is
/// kept. Databases that are open then go on, and nobody hears of them any more. Thread-safe.
/// </summary>
internal static class UntilUnloaded
{
    private static readonly Lock Lock = new();
    private static readonly List<IDisposable> Kept = [];
    private static readonly bool IsCollectible = Subscribe();
    private static bool _isUnloading;

    /// <summary>Disposes something when the context is unloaded; at once if that has begun.</summary>
    public static T Keep<T>(T registered)
        where T : IDisposable
    {
        if (IsCollectible && !TryAdd(registered))
        {
            Dispose(registered);
        }

        return registered;
    }

    private static bool Subscribe()
    {
        if (AssemblyLoadContext.GetLoadContext(typeof(UntilUnloaded).Assembly) is { IsCollectible: true } context)
        {
            context.Unloading += static _ => DisposeAll();
            return true;
        }

        return false;
    }

    private static bool TryAdd(IDisposable registered)
    {
        using (Uninterrupted.Enter(Lock))
        {
            if (!_isUnloading)
            {
                Kept.Add(registered);
            }

            return !_isUnloading;
        }
    }

    private static void DisposeAll()
    {
        using (Uninterrupted.Enter(Lock))
        {
            _isUnloading = true;
        }

        // Not under the lock: listeners are told of it, and may open a database. Nothing is added any more.
        foreach (var registered in Kept)
        {
            Dispose(registered);
        }
    }

    private static void Dispose(IDisposable registered)
    {
        try
        {
            registered.Dispose();
        }
        catch (Exception e)
        {
            // Of a listener: it does not keep the others from being disposed.
            Trace.TraceError("A listener to the measurements of databases failed at their end: {0}", e);
        }
    }
}
