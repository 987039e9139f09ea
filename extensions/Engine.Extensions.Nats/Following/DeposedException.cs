namespace Engine.Extensions.Nats.Following;

/// <summary>This node is not the primary any more, as the stream or the clock says.</summary>
internal sealed class DeposedException(string message) : ReplicaException(message);
