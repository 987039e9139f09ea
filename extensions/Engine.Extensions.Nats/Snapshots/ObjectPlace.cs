namespace Engine.Extensions.Nats.Snapshots;

/// <summary>How far an object was read.</summary>
internal sealed class ObjectPlace
{
    /// <summary>Sequence of the last chunk in the stream of its bucket.</summary>
    public ulong Sequence { get; private set; }

    public ulong Bytes { get; private set; }

    public uint Chunks { get; private set; }

    public void Pass(ulong sequence, int bytes)
    {
        Sequence = sequence;
        Bytes += (ulong)bytes;
        Chunks++;
    }
}
