using System.Diagnostics;

namespace Engine.Transactions;

/// <content>
/// Transactions that share a commit: one after the other, each on top of those before it and behind a savepoint, so
/// that it can be aborted alone.
/// </content>
internal sealed partial class WriteContext
{
    // The savepoint that the running transaction began at; 0 if it is the first one.
    private long _member;

    /// <summary>Whether transactions have been committed that are not written yet.</summary>
    public bool HasMembers { get; private set; }

    /// <summary>Whether the running transaction has changed anything.</summary>
    public bool HasMemberChanges => HasChanges && (_member == 0 || HasChangedSince(_member));

    /// <summary>Starts a transaction on top of those that are committed and not written yet.</summary>
    /// <param name="origin">Where it was begun, if that is to be known.</param>
    public void BeginMember(StackTrace? origin)
    {
        var member = SetSavepoint();
        Note.Begin(TransactionId, _options.Clock(), origin);
        State.BeginMember();
        ForgetTaken();
        IsComplete = false;
        _member = member;
    }

    /// <summary>Leaves the running transaction's changes to the commit that is to come. Fails never.</summary>
    public void EndMember()
    {
        EndSavepoints();
        HasMembers = true;
        LeaveMember();
    }

    /// <summary>Undoes the running transaction alone.</summary>
    public void AbortMember()
    {
        if (_member != 0)
        {
            RollBackTo(_member);
        }

        EndSavepoints();
        LeaveMember();
    }

    private void LeaveMember()
    {
        _member = 0;
        State.EndMember();
        Note.End();
    }
}
