namespace Engine.Transactions;

/// <summary>
/// Where a test may halt a reader that begins. A struct, so that the code of everybody else is compiled without it.
/// </summary>
internal interface IBeginPause
{
    /// <summary>The newest state has been chosen, and nothing pins it yet.</summary>
    void WhenChosen();

    /// <summary>The transaction is about to be handed to the caller.</summary>
    void WhenBegun();
}

/// <summary>Nobody halts.</summary>
internal readonly struct NoPause : IBeginPause
{
    public void WhenChosen()
    {
    }

    public void WhenBegun()
    {
    }
}
