namespace Engine.Storage;

/// <summary>What an entry of the process table says.</summary>
/// <param name="Token">The word that takes the entry; 0 if it is free.</param>
/// <param name="StartTicks">When the process started; means nothing unless the entry is ready.</param>
/// <param name="State">The state word.</param>
internal readonly record struct ProcessEntry(ulong Token, ulong StartTicks, uint State)
{
    /// <summary>Whether the entry is filled in.</summary>
    public bool IsReady => (State & LockLayout.StateReady) != 0;

    /// <summary>Whether the process keeps the entry's lock for as long as it lives.</summary>
    public bool KeepsLock => (Token & LockLayout.TokenKeepsLock) != 0;

    /// <summary>The process.</summary>
    public ProcessIdentity Identity => ProcessIdentity.FromToken(Token & ~LockLayout.TokenKeepsLock, StartTicks);
}
