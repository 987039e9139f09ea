using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>A node's being the primary, once.</summary>
/// <param name="Path">
/// Of its database: ids of states mean nothing in another one, and no other one has this path while the node is open.
/// </param>
/// <param name="Published">Those who wait until a state is published.</param>
internal sealed record FeedTerm(string Path, SequenceWaiters Published);
