namespace Engine.Extensions.Nats.Log;

/// <summary>The stream has let messages go that this node has not applied.</summary>
internal sealed class FellBehindException(ulong applied, ulong first)
    : ReplicaException($"The log begins with message {first}, and this node has applied those up to {applied}.");
