using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Objects are read as they were stored.</summary>
[Category("Process")]
public class ObjectReaderTests
{
    private const int ChunkSize = 1000;

    [Test]
    public async Task Read_OfObjectsWhoseChunksAreMixed_GivesEachInOrder()
    {
        var cluster = await SharedCluster.GetAsync();
        await using var connection = cluster.Connect();
        var context = new NatsJSContext(connection);
        var name = $"mixed-{Guid.NewGuid():N}";
        var store = await new NatsObjContext(context).CreateObjectStoreAsync(
            new NatsObjConfig(name) { NumberOfReplicas = 3 });

        // Written at the same time, they lie in the stream as they come.
        var contents = Enumerable.Range(0, 3).Select(static i => NewContents(i)).ToList();
        await Task.WhenAll(contents.Select(async (bytes, i) => await store.PutAsync(
            new ObjectMetadata { Name = $"{i}", Options = new MetaDataOptions { MaxChunkSize = ChunkSize } },
            new MemoryStream(bytes))));

        var reader = new ObjectReader(context, name, store);
        for (var i = 0; i < contents.Count; i++)
        {
            var found = new MemoryStream();
            await reader.ReadAsync(
                $"{i}",
                chunk =>
                {
                    found.Write(chunk.Span);
                    chunk.Dispose();
                    return default;
                },
                CancellationToken.None);
            Assert.That(found.ToArray(), Is.EqualTo(contents[i]));
        }

        await context.DeleteStreamAsync($"OBJ_{name}");
    }

    [Test]
    public void Chunks_ReadAsAStream_AreInOrder_AndTheReasonWhyNoMoreComeIsTheReaders()
    {
        using var stream = new ChunkStream();
        var adding = Task.Run(async () =>
        {
            for (byte i = 0; i < 100; i++)
            {
                var chunk = NATS.Client.Core.NatsMemoryOwner<byte>.Allocate(i);
                chunk.Span.Fill(i);
                await stream.AddAsync(chunk, CancellationToken.None);
            }

            stream.Complete(new InvalidDataException("no more"));
        });

        var expected = Enumerable.Range(0, 100).SelectMany(static i => Enumerable.Repeat((byte)i, i)).ToArray();
        var found = new byte[expected.Length];
        stream.ReadExactly(found);
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(() => stream.ReadByte(), Throws.TypeOf<InvalidDataException>());
        Assert.That(async () => await adding, Throws.Nothing);
    }

    private static byte[] NewContents(int seed)
    {
        var bytes = new byte[(150 * ChunkSize) + 17];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
