namespace Engine.Extensions.Nats.Log;

/// <summary>What a message of the log is.</summary>
internal enum EnvelopeKind : byte
{
    /// <summary>None of this package: it changes nothing.</summary>
    Foreign = 0,

    /// <summary>Batches of a writer.</summary>
    Writes = 1,

    /// <summary>A place at which nodes compute digests.</summary>
    Mark = 2,
}
