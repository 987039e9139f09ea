namespace Engine.Extensions.Nats;

/// <summary>What a <see cref="FeedNode"/> is to the others.</summary>
public enum FeedRole
{
    /// <summary>It applies what the primary publishes, and its database can be read only.</summary>
    Follower = 0,

    /// <summary>It is the one whose database can be written to, and publishes what is committed there.</summary>
    Primary = 1,

    /// <summary>
    /// It was the primary and has commits that are not published yet; nobody has taken over so far. Its database can be
    /// read only. It publishes them if it becomes the primary again, and sets them aside if another node does.
    /// </summary>
    Undecided = 2,
}
