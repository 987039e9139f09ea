namespace Engine.Extensions.Nats.Writing;

/// <summary>A message of this node's writer that was not decided yet.</summary>
internal sealed class Outgoing(ulong number, PendingWrite[] writes)
{
    public PendingWrite[] Writes { get; } = writes;

    /// <summary>Its number among those of the writer.</summary>
    public ulong Number { get; set; } = number;

    /// <summary>Its bytes, as of the writer and the generation that are the current ones.</summary>
    public byte[] Message { get; set; } = [];

    /// <summary>Whether it has to be sent, for the first time or again.</summary>
    public bool IsDue { get; set; } = true;

    /// <summary>Changes when what was sent before is to be sent again in another form.</summary>
    public int Form { get; set; }

    /// <summary>Whether it was decided.</summary>
    public bool IsDecided { get; set; }
}
