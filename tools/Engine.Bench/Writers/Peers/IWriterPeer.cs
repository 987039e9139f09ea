using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers;

/// <summary>A storage engine, with a way of its own to take the updates of concurrent clients.</summary>
internal interface IWriterPeer
{
    /// <summary>What <c>--peers</c> calls it.</summary>
    string Name { get; }

    /// <summary>Name and version, for the report.</summary>
    string Description { get; }

    /// <summary>How it was configured and how clients use it, for the report.</summary>
    string Settings { get; }

    /// <summary>Why it cannot run here and what to do about it; null when it can.</summary>
    string? Unavailable { get; }

    /// <summary>Opens or creates the database in an existing directory of its own.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="data">What is in it.</param>
    /// <param name="clients">How many clients will use it at the same time.</param>
    IWriterDatabase Open(string directory, WriterData data, int clients);
}
