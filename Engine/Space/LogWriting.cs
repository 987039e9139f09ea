namespace Engine.Space;

/// <summary>How a commit writes the space log.</summary>
internal enum LogWriting
{
    /// <summary>The transaction's entries go behind the head's.</summary>
    Append,

    /// <summary>
    /// The head and the transaction's entries go into new pages behind the chain; the rest of them is the new head.
    /// </summary>
    MoveHead,

    /// <summary>
    /// The condensed form takes the place of everything. The pages of the former chain are freed like any others.
    /// </summary>
    Condense,
}
