using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests.Infrastructure;

/// <summary>A folder, which is the content root of the hosts of a test, and what they log.</summary>
public abstract class HostingTest
{
    private protected TempDirectory Folder { get; private set; } = null!;

    private protected RecordingLogger Log { get; private set; } = null!;

    [SetUp]
    public void CreateFolder()
    {
        Folder = new TempDirectory();
        Log = new RecordingLogger();
    }

    [TearDown]
    public void RemoveFolder()
    {
        Log.Dispose();
        Folder.Dispose();
    }

    /// <summary>A host with nothing but what is registered here.</summary>
    private protected IHost Build(Action<IServiceCollection> register)
    {
        var settings = new HostApplicationBuilderSettings { ContentRootPath = Folder.Root, DisableDefaults = true };
        var builder = new HostApplicationBuilder(settings);
        builder.Logging.AddProvider(Log);
        register(builder.Services);
        return builder.Build();
    }

    private protected static void Put(Database database, long value, CommitMode mode = CommitMode.Durable) =>
        database.Write(value, static (tx, value) => Put(tx, value), mode);

    private protected static bool Put(WriteTransaction transaction, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        transaction.Main.Put("k"u8, bytes);
        return true;
    }

    /// <summary>The value that was put last; -1 if none was.</summary>
    private protected static long Get(Database database) => database.Read(static read =>
        read.Main.TryGet("k"u8, out var value) ? BinaryPrimitives.ReadInt64LittleEndian(value) : -1);

    /// <summary>What the file holds once the host has let it go.</summary>
    private protected long GetFromFile(string name = "test.db")
    {
        using var database = Database.Open(Folder.File(name), new DatabaseOptions { CreateIfMissing = false });
        return Get(database);
    }
}
