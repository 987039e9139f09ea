namespace Engine.Space;

/// <summary>What an entry of the space log says; its first byte.</summary>
internal enum LogTag : byte
{
    /// <summary>What follows belongs to a transaction.</summary>
    Group = 1,

    /// <summary>Pages that the transaction no longer reaches.</summary>
    Free = 2,

    /// <summary>Pages that are no longer free.</summary>
    Allocate = 3,

    /// <summary>A named snapshot of a state begins to hold pages.</summary>
    Pin = 4,

    /// <summary>It ends.</summary>
    Unpin = 5,
}
