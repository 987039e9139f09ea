using System.Diagnostics;
using Engine.Diagnostics;

namespace Engine.Transactions;

/// <content>What commits tell those who listen.</content>
internal sealed partial class DatabaseWriter
{
    private readonly DatabaseTelemetry _telemetry;
    private readonly FileGrowth _growth;

    /// <summary>The span of the last flush, if there is one. Under <see cref="_publishing"/>.</summary>
    private ActivityContext _lastFlush;

    /// <summary>The length of the file that was last looked at.</summary>
    private long _knownLength;

    /// <summary>Everything that was committed and written.</summary>
    public CommitTotals Totals => new(
        Counters.Transactions - Counters.Deferred,
        Counters.Deferred,
        Counters.Flushes,
        _pages.PagesWritten,
        (_pages.PagesWritten * _core.PageSize) + Counters.MetaBytes);

    /// <summary>Those who waited for a flight are about to be told that it has landed.</summary>
    /// <param name="group">Those.</param>
    /// <param name="own">The one who has flown, if it has committed something itself.</param>
    /// <param name="now">The time, in ticks of the stopwatch.</param>
    /// <param name="id">The id of the state.</param>
    /// <param name="flush">The flush that they shared.</param>
    private void NoteCommits(
        CommitGroup group, in WaitingCommit own, long now, ulong id, ActivityContext flush)
    {
        _telemetry.NoteGroup(group.Changed + (own.IsChanged ? 1 : 0));
        if (own.IsChanged)
        {
            NoteCommit(own, now, id, flush);
        }

        foreach (var waiting in group.All)
        {
            if (waiting.IsChanged)
            {
                NoteCommit(waiting, now, id, flush);
            }
        }
    }

    private void NoteCommit(in WaitingCommit commit, long now, ulong id, ActivityContext flush) =>
        _telemetry.NoteCommit(
            commit.Ticket.Caller, Stopwatch.GetElapsedTime(commit.Since, now), commit.IsDeferred, id, flush);

    private void NoteFailures(CommitGroup? group, Exception failure)
    {
        if (group is null)
        {
            return;
        }

        foreach (var waiting in group.All)
        {
            NoteFailure(waiting, failure);
        }
    }

    private void NoteFailure(in WaitingCommit commit, Exception failure)
    {
        if (commit.IsChanged)
        {
            _telemetry.NoteFailure(
                commit.Ticket.Caller, Stopwatch.GetElapsedTime(commit.Since), commit.IsDeferred, failure);
        }
    }

    /// <summary>
    /// If the file has grown although pages wait for readers, and somebody listens: lets the holder be named. The
    /// caller holds the gate.
    /// </summary>
    private void NoteGrowth()
    {
        if (_growth.Length > _knownLength && EngineEventSource.Log.IsEnabled() && SpaceCounts.Pending > 0)
        {
            CountUsage();
            _telemetry.NoteSpaceHeld((long)SpaceCounts.Pending);
        }

        _knownLength = _growth.Length;
    }
}
