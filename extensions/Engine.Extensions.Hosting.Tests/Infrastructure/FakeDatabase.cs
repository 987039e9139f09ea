namespace Engine.Extensions.Hosting.Tests.Infrastructure;

/// <summary>A database that is as a test says.</summary>
internal sealed class FakeDatabase : IWatched
{
    public string Name => "fake.db";

    public DatabaseState State { get; set; }

    public List<DatabaseReader> Readers { get; } = [];

    /// <summary>What the disk says; null: that it has no end.</summary>
    public Func<long?> FreeDisk { get; set; } = static () => null;

    public IReadOnlyList<DatabaseReader> GetReaders() => [.. Readers];

    public long? GetFreeDiskBytes() => FreeDisk();

    public void AddReader(int process, long pages, bool? isAlive = true, string? tag = null) => Readers.Add(
        new DatabaseReader
        {
            Slot = Readers.Count,
            ProcessId = process,
            IsOwn = tag is not null,
            IsAlive = isAlive,
            TransactionId = 5,
            AgeInTransactions = 1,
            OutdatedFor = TimeSpan.FromSeconds(1),
            Kind = tag is null ? null : TransactionKind.Snapshot,
            Tag = tag,
            Pages = pages,
            PagesAlone = pages,
        });
}
