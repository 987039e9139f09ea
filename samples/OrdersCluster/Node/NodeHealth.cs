namespace OrdersCluster.Node;

/// <summary>How a node is doing.</summary>
/// <param name="Node">Its name.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Applied">The last message of the log that is applied here, and durable.</param>
/// <param name="Lag">How many messages of the log are not.</param>
/// <param name="History">
/// A digest of all messages that were applied: equal on all nodes that have applied as many.
/// </param>
/// <param name="Trouble">What goes wrong, if something does.</param>
internal sealed record NodeHealth(
    string Node, string State, ulong Applied, ulong Lag, string History, string? Trouble);
