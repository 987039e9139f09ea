using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Engine.Extensions.Nats;

/// <summary>
/// What replicas of this process count, for whoever listens to the meter <c>Engine.Extensions.Nats</c>;
/// docs/replication.md has the list.
/// </summary>
internal static class ReplicaMeter
{
    public const string Name = "Engine.Extensions.Nats";

    private static readonly Meter Meter = new(Name);

    private static readonly ConcurrentDictionary<object, Func<Measurement<long>>> Nodes = new();

    static ReplicaMeter() => Meter.CreateObservableGauge(
        "engine.replica.behind",
        static () => Nodes.Values.Select(static observe => observe()),
        "{message}",
        "Messages that a node knows the stream to have and has not applied yet.");

    public static Counter<long> Messages { get; } = Meter.CreateCounter<long>(
        "engine.replica.messages", "{message}", "Messages of the log that were applied.");

    public static Counter<long> Transactions { get; } = Meter.CreateCounter<long>(
        "engine.replica.transactions", "{transaction}", "Transactions in which they were applied.");

    public static Counter<long> Resent { get; } = Meter.CreateCounter<long>(
        "engine.replica.resent", "{message}", "Messages that were sent again because one before them was lost.");

    public static Counter<long> Snapshots { get; } = Meter.CreateCounter<long>(
        "engine.replica.snapshots", "{snapshot}", "Snapshots that were stored.");

    public static Counter<long> Bootstraps { get; } = Meter.CreateCounter<long>(
        "engine.replica.bootstraps", "{bootstrap}", "Starts from a snapshot.");

    public static Counter<long> Epochs { get; } = Meter.CreateCounter<long>(
        "engine.replica.epochs", "{epoch}", "Epochs of primaries that were seen to begin.");

    public static Counter<long> SetAside { get; } = Meter.CreateCounter<long>(
        "engine.replica.set_aside", "{database}", "Databases with commits that were never published, set aside.");

    public static Counter<long> Refused { get; } = Meter.CreateCounter<long>(
        "engine.replica.refused",
        "{message}",
        "Messages of primaries that were deposed, or that came twice: the server refused them, or they were passed "
        + "over.");

    /// <summary>
    /// How long it took from a primary's seeing a state that was committed to its being published, in seconds.
    /// </summary>
    public static Histogram<double> Publishing { get; } = Meter.CreateHistogram<double>(
        "engine.replica.publishing", "s", "Time from a committed state's being seen to its being published.");

    /// <summary>
    /// How long ago the stream took a message when it was applied: what a node lags behind, in seconds.
    /// </summary>
    public static Histogram<double> Lag { get; } = Meter.CreateHistogram<double>(
        "engine.replica.lag", "s", "Time from the stream's taking a message to its being applied.");

    /// <summary>Measures how far a node is behind, until it is forgotten.</summary>
    public static void Watch(object node, ReplicaOptions options, Func<ulong> behind)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("db.namespace", options.Name), new("engine.replica.node", options.NodeName),
        ];
        Nodes[node] = () => new Measurement<long>((long)behind(), tags);
    }

    public static void Forget(object node) => Nodes.TryRemove(node, out _);
}
