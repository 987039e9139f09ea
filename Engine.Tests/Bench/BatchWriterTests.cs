using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;
using Engine.Bench.Writers.Peers.Batched;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class BatchWriterTests
{
    private static readonly WriterData Data = new(WriterWorkload.Leaderboard, 100, Seed: 1);

    [Test, CancelAfter(60_000)]
    public void Enqueue_WhileABatchIsWritten_WaitsForTheNextOneWithAllOthers(CancellationToken token)
    {
        using ManualResetEventSlim isWriting = new(), mayGoOn = new();
        FakeWriterPeer peer = new()
        {
            Updating = _ =>
            {
                isWriting.Set();
                mayGoOn.Wait(token);
            }
        };
        using IWriterDatabase database = Fill(peer);
        using BatchWriter writer = new(database.OpenUpdater());
        List<Task> tasks = [Apply(writer, 1)];
        isWriting.Wait(token);
        tasks.AddRange(Enumerable.Range(2, 20).Select(id => Apply(writer, id)));
        Assert.That(tasks.Select(task => task.IsCompleted), Has.None.True);

        mayGoOn.Set();

        Assert.That(Task.WaitAll([.. tasks], 60_000, token), Is.True);
        Assert.That(peer.Batches, Is.EqualTo(new[] { 1, 20 }));
        Assert.That(
            Enumerable.Range(1, 21).Select(id => WriterData.ReadVersion(peer.Entries[id])), Is.All.EqualTo(1));
    }

    [Test]
    public async Task Apply_WhenABatchFails_ThrowsInEveryClientOfItAndGoesOnWithTheNext()
    {
        FakeWriterPeer peer = new()
        {
            Updating = update =>
            {
                if (update.Id == 13)
                {
                    throw new IOException("The disk is full.");
                }
            }
        };
        using IWriterDatabase database = Fill(peer);
        using BatchWriter writer = new(database.OpenUpdater());
        using BatchedUpdater thread = new(writer);

        Assert.That(() => thread.Apply(new[] { new Update { Id = 13 } }), Throws.TypeOf<IOException>());
        Assert.That(async () => await Apply(writer, 13), Throws.TypeOf<IOException>());

        Update update = new() { Id = 14 };
        thread.Apply(new[] { update });
        Assert.That(update.Version, Is.EqualTo(1));
        await Apply(writer, 14);
        Assert.That(WriterData.ReadVersion(peer.Entries[14]), Is.EqualTo(2));
    }

    [Test]
    public void Dispose_EndsAThreadThatNothingWaitsFor()
    {
        using IWriterDatabase database = Fill(new FakeWriterPeer());
        BatchWriter writer = new(database.OpenUpdater());

        Assert.That(Task.Run(writer.Dispose).Wait(60_000), Is.True);
    }

    private static IWriterDatabase Fill(FakeWriterPeer peer)
    {
        IWriterDatabase database = peer.Open(string.Empty, Data, clients: 1);
        database.Fill();
        return database;
    }

    private static Task Apply(BatchWriter writer, long id) =>
        new BatchedAsyncUpdater(writer).ApplyAsync(new Update { Id = id }).AsTask();
}
