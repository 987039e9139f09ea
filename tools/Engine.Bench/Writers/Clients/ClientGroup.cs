using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers.Clients;

/// <summary>The clients of a run at work, as threads or as tasks.</summary>
internal sealed class ClientGroup : IDisposable
{
    /// <summary>A thousand threads are to take little memory, and no engine's write goes deep.</summary>
    private const int StackBytes = 512 * 1024;

    private readonly List<IUpdater> _updaters = [];
    private readonly List<Thread> _threads = [];
    private readonly List<(WriterClient Client, IAsyncUpdater Updater)> _tasks = [];
    private Task _all = Task.CompletedTask;

    public ClientGroup(IWriterDatabase database, IReadOnlyList<WriterClient> clients)
    {
        foreach (WriterClient client in clients)
        {
            if (database.UsesTasks)
            {
                _tasks.Add((client, database.OpenAsyncUpdater()));
            }
            else
            {
                IUpdater updater = database.OpenUpdater();
                _updaters.Add(updater);
                _threads.Add(
                    new Thread(() => client.Run(updater), StackBytes) { Name = "client", IsBackground = true });
            }
        }
    }

    public void Start()
    {
        _all = Task.WhenAll(_tasks.Select(each => Task.Run(() => each.Client.RunAsync(each.Updater))));
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Waits until all have ended. They do once the phase is over.</summary>
    public void Join()
    {
        _threads.ForEach(thread => thread.Join());
        _all.GetAwaiter().GetResult();
    }

    public void Dispose() => _updaters.ForEach(updater => updater.Dispose());
}
