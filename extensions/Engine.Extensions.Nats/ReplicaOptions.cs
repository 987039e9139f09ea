using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <summary>What a <see cref="Replica"/> is opened with. The defaults suit a cluster in one place.</summary>
public partial class ReplicaOptions
{
    private const int DefaultPageSize = 4096;

    private string _name = string.Empty;
    private string _directory = string.Empty;
    private INatsConnection? _connection;

    /// <summary>
    /// Name of the replicated database: letters, digits, <c>-</c> and <c>_</c>, at most 64. Of it the names of the
    /// stream (<c>ENGINE-name</c>), its subject (<c>engine.name.log</c>) and the buckets (<c>engine-name</c>) are made.
    /// </summary>
    public required string Name
    {
        get => _name;
        init => _name = value;
    }

    /// <summary>
    /// The directory of this node, made if it is missing; it belongs to one replica. The database in it is
    /// <c>name-N.db</c>, with a larger number each time that the node started anew from a snapshot.
    /// </summary>
    public required string Directory
    {
        get => _directory;
        init => _directory = value;
    }

    /// <summary>
    /// Servers to connect to, separated by commas; not used when there is a <see cref="Connection"/>.
    /// </summary>
    public string Servers { get; init; } = "nats://localhost:4222";

    /// <summary>
    /// A connection to use instead of <see cref="Servers"/>, for names and passwords, TLS and the like; it stays open.
    /// </summary>
    public INatsConnection? Connection
    {
        get => _connection;
        init => _connection = value;
    }

    /// <summary>Name of this node in reports; by default the name of the machine and the id of the process.</summary>
    public string NodeName { get; init; } = DefaultNodeName;

    /// <summary>Whether the stream and the buckets are made when they are missing; by default they are.</summary>
    public bool CreateStream { get; init; } = true;

    /// <summary>How many servers keep the stream and the buckets that are made: 1, 3 or 5; by default 3.</summary>
    public int Replicas { get; init; } = 3;

    /// <summary>
    /// Options of the database. Its page size decides how long a key may be, so that it is one and the same on all
    /// nodes: the stream has that of the node that made it.
    /// </summary>
    public DatabaseOptions Database { get; init; } = new();

    /// <summary>
    /// A message has as many batches as wait, up to so many bytes, by default 256 KiB; one batch may be as large as
    /// that, and no larger. The server has a limit of its own, by default 1 MiB.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 256 * 1024;

    /// <summary>Messages of this node that may be on their way to the stream at once; by default 4.</summary>
    public int MaxInFlight { get; init; } = 4;

    /// <summary>Bytes of batches that wait to be decided; more writes wait for room. By default 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Messages that are fetched ahead of what was applied; by default 64. They bound the memory of a lag.
    /// </summary>
    public int MaxFetchedMessages { get; init; } = 64;

    /// <summary>Bytes of messages that are applied in one transaction of the database; by default 4 MiB.</summary>
    public long MaxApplyBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>How long to wait for a server, by default 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without an answer of the server a request is tried again; by default 3 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a write may take until its caller is told that its outcome is unknown; by default 30 s.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// First pause before something is tried again; it doubles, and varies by half. By default 50 ms.
    /// </summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause before something is tried again; by default 2 seconds.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often the stream is asked how far it is, which is what lag is measured by; by default 1 s.
    /// </summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether this node takes snapshots when it is its turn; by default it does.</summary>
    public bool TakesSnapshots { get; init; } = true;

    /// <summary>How often it is looked whether a snapshot is due; by default every 15 seconds.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A snapshot is due so many messages after the last one; by default 100,000.</summary>
    public ulong SnapshotAfterMessages { get; init; } = 100_000;

    /// <summary>A snapshot is due so many bytes of messages after the last one; by default 1 GiB.</summary>
    public long SnapshotAfterBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// So many messages stay in the log though the newest snapshot has them, for nodes that are a little behind; by
    /// default 10,000.
    /// </summary>
    public ulong KeptMessages { get; init; } = 10_000;

    /// <summary>
    /// Whether a snapshot is read back and checked before the log is cut behind it; by default it is.
    /// </summary>
    public bool VerifySnapshots { get; init; } = true;

    /// <summary>How snapshots are compressed; by default not at all.</summary>
    public BackupCompression SnapshotCompression { get; init; }

    /// <summary>
    /// A node that was to take a snapshot, and is not heard of for so long, is replaced by another one; by default 15
    /// seconds.
    /// </summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Read transactions and snapshots that are open while a replica starts anew from a snapshot may be used for so
    /// long, by default a minute; then the database that they read is closed.
    /// </summary>
    public TimeSpan RetireDelay { get; init; } = TimeSpan.FromMinutes(1);

    internal static string DefaultNodeName { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>For how long it is asked again whether something is so that cannot be, or can only be stale.</summary>
    internal TimeSpan StalePatience { get; init; } = TimeSpan.FromSeconds(30);

    internal int PageSize => Database.PageSize ?? DefaultPageSize;

    internal virtual void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Directory);
        ReplicaNames.Validate(Name);
        if (Replicas is not (1 or 3 or 5))
        {
            throw new ArgumentOutOfRangeException(nameof(Replicas), Replicas, "A stream has 1, 3 or 5 replicas.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingBytes, MaxMessageBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFetchedMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxApplyBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MinBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, MinBackoff);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SnapshotInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SnapshotAfterMessages, 1UL);
        ArgumentOutOfRangeException.ThrowIfLessThan(SnapshotAfterBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseDuration, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetireDelay, TimeSpan.Zero);
    }
}
