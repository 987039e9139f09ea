using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// What an open database holds of those who opened it, and what a closed one leaves in the process: nothing.
/// </summary>
[NonParallelizable]
public class LeftBehindTests
{
    private static readonly AsyncLocal<object?> Ambient = new();

    [Test]
    public void OpenDatabase_HoldsNothingOfTheContextInWhichItWasUsed([Values] bool inMemory)
    {
        using var directory = new TempDirectory();
        using var held = new Holder();
        var context = UseInAContextOfItsOwn(held, directory, inMemory);
        Patience.Until(() => IsCollected(context), "the context of a thread that opened and used an open database");
        Sample.Put(held.Database!, "z"u8, "1"u8);
    }

    [Test]
    public void LoadContext_ThatUsedADatabase_IsUnloadedAfterItsEnd([Values] bool isListenedTo)
    {
        using var directory = new TempDirectory();
        using var listener = isListenedTo ? new EngineListener(pollsCounters: false) : null;
        var context = UseInALoadContext(directory.DatabasePath);
        Patience.Until(() => IsCollected(context), "the load context of the engine, after its database was closed");
        Assert.That(listener?.HasHeard, isListenedTo ? Is.True : Is.Null);
        using var database = Database.Open(directory.DatabasePath);
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(3));
    }

    [Test]
    public void LoadContext_WhoseCountersWerePolled_IsUnloadedAfterTheListenersEnd()
    {
        using var directory = new TempDirectory();
        WeakReference context;
        using (var listener = new EngineListener(pollsCounters: true))
        {
            context = UseInALoadContext(directory.DatabasePath);
            Assert.That(listener.HasHeard);
        }

        Patience.Until(() => IsCollected(context), "the load context of the engine, after nobody polled its counters");
    }

    private static bool IsCollected(WeakReference reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !reference.IsAlive;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseInAContextOfItsOwn(Holder held, TempDirectory directory, bool inMemory)
    {
        WeakReference? reference = null;
        var thread = new Thread(() =>
        {
            var request = new object();
            Ambient.Value = request;
            reference = new WeakReference(request);
            held.Database = inMemory ? Database.OpenInMemory() : Database.Open(directory.DatabasePath);
            DatabaseGuest.Use(held.Database);
        });
        thread.Start();
        thread.Join();
        return reference!;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseInALoadContext(string path)
    {
        var context = new Isolated();
        var tests = context.LoadFromAssemblyPath(typeof(DatabaseGuest).Assembly.Location);
        var guest = tests.GetType(typeof(DatabaseGuest).FullName!)!;
        Assert.That(guest, Is.Not.EqualTo(typeof(DatabaseGuest)));
        guest.GetMethod(nameof(DatabaseGuest.OpenUseAndClose))!.Invoke(null, [path]);
        var reference = new WeakReference(context);
        context.Unload();
        return reference;
    }

    /// <summary>Has the engine and these tests for itself, and shares everything else.</summary>
    private sealed class Isolated() : AssemblyLoadContext("isolated", isCollectible: true)
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName) =>
            assemblyName.Name == typeof(Database).Assembly.GetName().Name
                ? LoadFromAssemblyPath(typeof(Database).Assembly.Location)
                : null;
    }

    private sealed class Holder : IDisposable
    {
        public Database? Database { get; set; }

        public void Dispose() => Database?.Dispose();
    }
}
