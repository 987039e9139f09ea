namespace Engine.Tests.Processes;

/// <summary>
/// Threads that begin and end read transactions of a database that a <see cref="Batch"/> writer changes, hold some of
/// them and some snapshots, and verify all that they see: whole batches, never older than what was acknowledged before
/// they began, and held ones for ever the same.
/// </summary>
internal sealed class BatchReaders : IDisposable
{
    private const int MostHeld = 4;

    private readonly Database _database;
    private readonly Func<int> _acknowledged;
    private readonly Action<Exception>? _onFailure;
    private readonly Thread[] _threads;
    private volatile bool _isStopped;
    private volatile Exception? _failure;
    private long _reads;
    private long _verified;
    private long _refused;

    /// <param name="database">What they read.</param>
    /// <param name="threads">How many there are.</param>
    /// <param name="acknowledged">
    /// The last batch that was acknowledged: asked before a read transaction begins, which must not see less.
    /// </param>
    /// <param name="onFailure">Told of a violation at once.</param>
    public BatchReaders(
        Database database, int threads, Func<int>? acknowledged = null, Action<Exception>? onFailure = null)
    {
        _database = database;
        _acknowledged = acknowledged ?? (static () => 0);
        _onFailure = onFailure;
        _threads =
            [.. Enumerable.Range(0, threads).Select(index => new Thread(() => Run(index)) { IsBackground = true })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>
    /// Read transactions that were begun, snapshots that were verified from end to end, and how often a read-only
    /// process was told that recovery is due.
    /// </summary>
    public (long Reads, long Verified, long Refused) Counts =>
        (Volatile.Read(ref _reads), Volatile.Read(ref _verified), Volatile.Read(ref _refused));

    /// <summary>Ends the threads; throws what they found.</summary>
    public void Stop()
    {
        Dispose();
        if (_failure is { } failure)
        {
            throw new InvalidDataException($"A reader failed: {failure}", failure);
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        Array.ForEach(_threads, static thread => thread.Join());
    }

    private void Run(int seed)
    {
        var random = new Random(seed);
        var held = new List<(Snapshot Snapshot, int Number)>();
        var last = 0;
        try
        {
            while (!_isStopped && _failure is null)
            {
                try
                {
                    last = ReadOnce(random, held, last);

                    // Machines with few processors have a writer to run, too.
                    Thread.Sleep(random.Next(3));
                }
                catch (Exception e) when (e is DatabaseAccessException or DatabaseBusyException && _database.IsReadOnly)
                {
                    // The writer was killed while it flushed, and nobody has recovered since; or somebody does so just
                    // now.
                    Interlocked.Increment(ref _refused);
                    Thread.Sleep(1);
                }
            }
        }
        catch (Exception e)
        {
            _failure = e;
            _onFailure?.Invoke(e);
        }

        held.ForEach(static item => item.Snapshot.Dispose());
    }

    private int ReadOnce(Random random, List<(Snapshot Snapshot, int Number)> held, int last)
    {
        // Mostly quick ones: they provoke the races of beginning and ending.
        for (var i = random.Next(100); i > 0; i--)
        {
            last = Begin(last, verifies: false);
        }

        last = Begin(last, verifies: true);
        switch (random.Next(8))
        {
            case 0 when held.Count < MostHeld:
                var snapshot = _database.OpenSnapshot();
                held.Add((snapshot, Verify(snapshot)));
                break;
            case 1 when held.Count > 0:
                var (oldest, number) = held[0];
                Expect(Verify(oldest) == number, $"a held snapshot has changed its batch from {number}");
                oldest.Dispose();
                held.RemoveAt(0);
                break;
            case 2:
                held.ForEach(
                    item => Expect(
                        Verify(item.Snapshot) == item.Number,
                        $"a held snapshot has changed its batch from {item.Number}"));
                break;
        }

        return last;
    }

    private int Begin(int last, bool verifies)
    {
        var floor = Math.Max(last, _acknowledged());
        using var read = _database.BeginRead();
        Interlocked.Increment(ref _reads);
        var number = verifies ? Batch.Verify(_database, read) : Batch.LastOf(read);
        if (verifies)
        {
            Interlocked.Increment(ref _verified);
            Expect(Batch.LastOf(read) == number, "a snapshot has changed");
        }

        Expect(number >= floor, $"batch {number} was read after batch {floor} had been acknowledged or seen");
        return number;
    }

    private int Verify(Snapshot snapshot)
    {
        using var read = snapshot.BeginRead();
        Interlocked.Increment(ref _verified);
        return Batch.Verify(_database, read);
    }

    private static void Expect(bool isSo, string violation)
    {
        if (!isSo)
        {
            throw new InvalidDataException(violation);
        }
    }
}
