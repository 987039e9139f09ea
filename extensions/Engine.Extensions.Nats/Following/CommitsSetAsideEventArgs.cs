namespace Engine.Extensions.Nats;

/// <summary>
/// A former primary had commits that were not published when another node took over: they are in no history but their
/// own. The database that has them was set aside, and the node starts anew as a follower.
/// </summary>
/// <param name="path">Path of the database.</param>
/// <param name="epoch">The epoch in which they were committed.</param>
/// <param name="publishedState">The last state of that database that was published.</param>
/// <param name="lastState">The last state of that database.</param>
public sealed class CommitsSetAsideEventArgs(string path, ulong epoch, ulong publishedState, ulong lastState)
    : EventArgs
{
    /// <summary>
    /// Path of the database, a complete one. What was published of it is its named snapshot <see
    /// cref="FeedNode.PublishedSnapshot"/>: the difference of that and the newest state are the commits.
    /// </summary>
    public string Path { get; } = path;

    /// <summary>The epoch in which they were committed.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>
    /// Id of the last state that was published, 0 if that is not known: commits with larger ids are in no history.
    /// </summary>
    public ulong PublishedState { get; } = publishedState;

    /// <summary>Id of the last state of the database.</summary>
    public ulong LastState { get; } = lastState;
}
