namespace Engine.Space;

/// <summary>
/// How the running transaction changed the free map or the page count. Each kind can be undone exactly.
/// </summary>
internal enum SpaceChangeKind
{
    /// <summary>Pages left the free map.</summary>
    Take,

    /// <summary>Pages that this transaction had taken came back.</summary>
    Return,

    /// <summary>The page count grew by these pages, which are in the free map at that moment.</summary>
    Grow,

    /// <summary>These free pages at the end were cut off.</summary>
    Cut,
}
