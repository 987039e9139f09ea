using System.Diagnostics;
using Engine.Diagnostics;

namespace Engine.Transactions;

/// <summary>
/// Somebody who waits for a commit that is made by somebody else. Told once, by whoever commits: what is done then must
/// neither throw nor wait.
/// </summary>
internal abstract class CommitTicket
{
    /// <summary>Whether the one who commits is a thread, and not a flow which must not block its thread.</summary>
    public virtual bool MayBlock => false;

    /// <summary>The activity that the commit was asked for in, if somebody listens.</summary>
    public Activity? Caller { get; private set; } = EngineTracing.Caller;

    /// <summary>The promise is met.</summary>
    /// <param name="id">The id of the state.</param>
    public abstract void Complete(ulong id);

    /// <summary>It was not, and never will be.</summary>
    public abstract void Fail(Exception failure);

    /// <summary>Another commit is asked for with it.</summary>
    protected void Renew() => Caller = EngineTracing.Caller;
}
