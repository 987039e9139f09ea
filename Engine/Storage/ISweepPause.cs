namespace Engine.Storage;

/// <summary>
/// Where a test may halt whoever sweeps. A struct, so that the code of everybody else is compiled without it.
/// </summary>
internal interface ISweepPause
{
    /// <summary>Another step has been taken, which others may have seen.</summary>
    void BetweenSteps();
}

/// <summary>Nobody halts.</summary>
internal readonly struct NoSweepPause : ISweepPause
{
    public void BetweenSteps()
    {
    }
}
