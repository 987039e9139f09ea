using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests;

/// <summary>
/// How long a new node takes to start from a large snapshot, beside what the disk, loopback and the object store would
/// take for as many bytes, in the same run; not a test of anything, and run by name only.
/// </summary>
[Category("Process")]
[Explicit("It measures, and passes always.")]
public class BootstrapMeasurements
{
    private const int MiB = 1024 * 1024;
    private const int Runs = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(12);

    /// <summary>Size of the snapshot in MiB: 1 GiB, or what ENGINE_NATS_MIB says.</summary>
    private static long Size => long.TryParse(Environment.GetEnvironmentVariable("ENGINE_NATS_MIB"), out var size)
        ? size : 1024;

    [Test]
    public async Task Bootstrap_FromALargeSnapshot()
    {
        NatsCluster.RequireProgram();
        using var cluster = await NatsCluster.StartAsync();
        await using var nodes = new NodeSet(cluster);
        var writer = await nodes.OpenAsync(0);
        var written = await writer.WriteAsync(new WriteBatch().Put("t", "first"u8, "x"u8));
        Fill(writer.CurrentDatabase);
        await TimeAsync("snapshot: stored, read back, checked", async () =>
        {
            Assert.That(await writer.TakeSnapshotAsync());
            return Size * MiB;
        });

        for (var run = 1; run <= Runs; run++)
        {
            // What servers and the disk have still to do is not what is measured, and what servers keep of the snapshot
            // in memory, for ten seconds, is not what a new node finds.
            using (var sync = Process.Start("sync"))
            {
                await sync.WaitForExitAsync();
            }

            await Task.Delay(Pause);
            await TimeAsync("disk: written in pieces of 1 MiB, one fsync", () => Task.Run(() =>
                WriteFile(Path.Combine(nodes.DirectoryOf(0), "disk"))));
            await TimeAsync("loopback: one connection", PassThroughLoopbackAsync);
            await TimeAsync("a new node, from the snapshot", async () =>
            {
                await using var late = await Replica.OpenAsync(nodes.OptionsOf(run));
                await late.WaitForAsync(written.Sequence);
                return new FileInfo(late.CurrentDatabase.Path).Length;
            });
            Directory.Delete(nodes.DirectoryOf(run), recursive: true);
            await Task.Delay(Pause);
            await TimeAsync("object store: read, and nothing else", () => ReadObjectAsync(nodes));
        }
    }

    /// <summary>Past the log, which is not what is measured.</summary>
    private static void Fill(Database database) => database.Write(tx =>
    {
        using var loader = tx[tx.CreateTree("large")].BeginLoad();
        Span<byte> key = stackalloc byte[sizeof(long)];
        Span<byte> value = stackalloc byte[100];
        var random = new Random(1);
        for (long i = 0, bytes = 0; bytes < Size * MiB; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(key, i);
            random.NextBytes(value);
            loader.Add(key, value);
            bytes += 115;
        }

        loader.Complete();
    });

    private static long WriteFile(string path)
    {
        var buffer = RandomNumberGenerator.GetBytes(MiB);
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (long at = 0; at < Size; at++)
            {
                RandomAccess.Write(file, buffer, at * MiB);
            }

            RandomAccess.FlushToDisk(file);
        }

        File.Delete(path);
        return Size * MiB;
    }

    private static async Task<long> PassThroughLoopbackAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var sender = new TcpClient();
        await sender.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var receiver = await listener.AcceptTcpClientAsync();
        var sending = Task.Run(async () =>
        {
            var buffer = new byte[MiB];
            for (long i = 0; i < Size; i++)
            {
                await sender.GetStream().WriteAsync(buffer);
            }

            sender.Client.Shutdown(SocketShutdown.Send);
        });
        await receiver.GetStream().CopyToAsync(Stream.Null, MiB);
        await sending;
        return Size * MiB;
    }

    private static async Task<long> ReadObjectAsync(NodeSet nodes)
    {
        var options = nodes.OptionsOf(0);
        await using var connection = nodes.Cluster.Connect();
        var stream = await LogStream.OpenAsync(connection, options, isFeed: false, CancellationToken.None);
        var store = await SnapshotStore.OpenAsync(stream, options, CancellationToken.None);
        var (record, _) = await store.FindAsync(CancellationToken.None);
        await store.ReadChunksAsync(
            record!,
            static chunk =>
            {
                chunk.Dispose();
                return default;
            },
            CancellationToken.None);
        return record!.Bytes;
    }

    private static async Task TimeAsync(string what, Func<Task<long>> run)
    {
        var begun = Stopwatch.GetTimestamp();
        var bytes = await run();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        TestContext.Out.WriteLine(
            $"{what}: {bytes / MiB} MiB in {seconds:0.00} s, {bytes / seconds / MiB:n0} MiB/s");
    }
}
