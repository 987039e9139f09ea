using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Transactions that run while the disk flushes, on the thread that flushes, and share the next commit. What was begun
/// there may go on when the flush is over.
/// </summary>
internal sealed partial class ProgramRunner
{
    private const int MaxAside = 16;

    /// <summary>For what must have happened long ago.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What happens during later flushes, and how many come before.
    private readonly List<(int Before, Operation[] Operations)> _aside = [];

    // The commits that are not acknowledged, oldest first: one that is under way, and those on top of it.
    private readonly List<Flight> _flights = [];

    // Commits without changes, and the newest state when they were asked for.
    private readonly List<(ulong Seen, Task<ulong> Commit)> _unchanged = [];

    private bool _isWithinFlush;

    /// <summary>Whether a durable commit is under way that others can build on.</summary>
    private bool IsInFlight => Database.Core.Newest.Id != Database.Core.Published.Id;

    private void SetAside(Operation operation, ref int at)
    {
        // Up to the next ones that are set aside.
        var count = 1 + (operation.A % MaxAside);
        Operation[] operations = [.. _program.Operations.Skip(at + 1).Take(count)
            .TakeWhile(static next => next.Kind != OperationKind.During)];
        _aside.Add((operation.B % 4, operations));
        at += operations.Length;
    }

    // Within a call of the engine, which must not take what fails here for a failed flush.
    private void RunAside()
    {
        if (_isWithinFlush || _database is null || _aside.Count == 0 || !IsInFlight || !MayRunOnTop())
        {
            return;
        }

        var (before, operations) = _aside[0];
        if (before > 0)
        {
            _aside[0] = (before - 1, operations);
            return;
        }

        _aside.RemoveAt(0);
        _isWithinFlush = true;
        try
        {
            foreach (var operation in operations)
            {
                _log?.WriteLine($"    during the flush: {operation}");
                if (MayRunOnTop())
                {
                    ExecuteWithinFlush(operation);
                }
            }

            RequireNobodyToldEarly();
        }
        catch (Exception e) when (IsExcused(e))
        {
            // In the middle of an operation: the transaction can only be aborted.
            Quietly(ForgetTransaction());
        }
        catch (Exception e) when (e is not PropertyFailedException)
        {
            throw new PropertyFailedException($"during a flush: {e.Message}", e);
        }
        finally
        {
            _isWithinFlush = false;
        }
    }

    // Who writes early waits for the flush if others are waiting already, and this thread is the one that flushes.
    private bool MayRunOnTop()
    {
        var newest = Database.Core.Newest.Id;
        return newest != _completeOn
            && (_program.Budget is null || !(_flights.Exists(flight => flight.Seen == newest) || _unchanged.Exists(one => one.Seen == newest)));
    }

    private void ExecuteWithinFlush(Operation operation)
    {
        if (operation.Kind is not (OperationKind.Flush or OperationKind.Settle or OperationKind.Reopen
            or OperationKind.Decay))
        {
            Execute(operation);
        }
    }

    // The transaction is committed together with those that have joined before it.
    private void Join(CommitMode mode)
    {
        var newest = Database.Core.Newest.Id;
        var group = _flights.Find(flight => flight.Seen == newest);
        var working = _working!.Complete();
        if (_isNamingItself)
        {
            // Nobody may build on what names itself before it is sealed, and this thread would wait for that.
            _completeOn = newest;
        }

        if (group is not null)
        {
            _history.Extend(working);
        }
        else if (working.Digest != _history.Attempted.Digest)
        {
            _history.Attempt(working);
            _flights.Add(group = new Flight(_history.AttemptedIndex) { Seen = newest, IsDeferred = true });
        }

        using var transaction = ForgetTransaction()!;
        var commit = transaction.CommitAsync(mode).AsTask();
        if (group is null)
        {
            _unchanged.Add((newest, commit));
            return;
        }

        group.IsDeferred &= mode == CommitMode.Deferred;
        group.Commits.Add(commit);
    }

    // At every flush: what has become durable before it, and that nobody was told of anything else.
    private void NoteLandings()
    {
        if (_database is not { } database || _isWithinFlush)
        {
            return;
        }

        while (_flights is [{ Id: not 0 } first, ..] && database.Core.Published.Id >= first.Id)
        {
            if (!first.IsDeferred)
            {
                Same(
                    _history.States[first.Index].Digest,
                    ImageChecker.Check(_disk.Durable).Digest,
                    "invariant 5: what is durable of what is shown");
            }

            Land(first.Id);
        }

        if (IsInFlight && _flights is [{ Id: 0 } next, ..] && next.Seen != database.Core.Newest.Id)
        {
            next.Id = database.Core.Newest.Id;
        }

        RequireNobodyToldEarly();
    }

    // Invariant 1. (Who waits for a deferred commit may be told before it is flushed.)
    private void RequireNobodyToldEarly()
    {
        var newest = Database.Core.Newest.Id;
        var waiting = _flights.Where(flight => IsInFlight || !flight.IsDeferred).SelectMany(flight => flight.Commits)
            .Concat(_unchanged.Where(one => IsInFlight && one.Seen == newest).Select(one => one.Commit)).ToList();
        if (waiting.Count > 0)
        {
            // Whoever was told before is told by the pool.
            using var isTold = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static told => told.Set(), isTold, preferLocal: false);
            isTold.Wait();
            if (waiting.Exists(static commit => commit.IsCompleted))
            {
                throw new PropertyFailedException("invariant 1: somebody is told of a commit before it is flushed");
            }
        }
    }

    // The oldest commit is acknowledged. (So many ids may have been handed out that a deferred one was made durable.
    // Whether that is true, the check of the disk shows.)
    private void Land(ulong id)
    {
        var flight = _flights[0];
        foreach (var commit in flight.Commits)
        {
            Same(id, Told(commit), "the id of a commit that was shared");
        }

        _flights.RemoveAt(0);
        _history.Acknowledge(
            flight.Index, durable: !flight.IsDeferred || Database.Core.DurableId == Database.Core.Published.Id);
        _ids[id] = flight.Index;
    }

    // The call that flushed has returned: so has everything that waited for it.
    private void LandAll(Flight first, ulong id)
    {
        if (_flights.Contains(first))
        {
            Land(id);
        }

        Same(first.Index, _ids[id], "the state of the id that a commit returns");
        while (_flights is [var flight, ..])
        {
            Land(Told(flight.Commits[0]));
        }

        _unchanged.ForEach(one => Told(one.Commit));
        _unchanged.Clear();
        Same(Database.Core.Published.Id, Database.Core.Newest.Id, "the newest state when nothing is under way");
    }

    // A commit has failed, or the process has died: those on top of it have failed, too, and are not in the file.
    private void FailFlights(bool isPoisoned)
    {
        foreach (var commit in _flights.SelectMany(static flight => flight.Commits))
        {
            var failure = FailureOf(commit)
                ?? throw new PropertyFailedException("invariant 1: a commit is acknowledged that failed, or is built "
                    + "on one that did");
            if (isPoisoned && failure is not DatabasePoisonedException)
            {
                throw new PropertyFailedException($"invariant 10: {failure.Message}", failure);
            }
        }

        foreach (var (seen, commit) in _unchanged)
        {
            if (FailureOf(commit) is null && _flights is [{ Id: not 0 } failed, ..] && seen >= failed.Id)
            {
                throw new PropertyFailedException("invariant 5: a commit is acknowledged that saw one that failed");
            }
        }

        if (_flights is [var first, ..])
        {
            _history.WithdrawAfter(first.Index);
        }

        _flights.Clear();
        _unchanged.Clear();
    }

    // Invariant 5: whoever reads while a commit is made durable sees the state before it. A deferred commit that is
    // made durable by its own call has been shown before.
    private void RequireNothingShownEarly()
    {
        if (_database is null)
        {
            return;
        }

        using var read = _database.BeginRead();
        var isShown = !IsInFlight && _flights is [{ IsDeferred: true }, ..] && !_ids.ContainsKey(read.TransactionId);
        RequireContents(
            read,
            isShown ? _history.States[_flights[0].Index] : _history.Published,
            "invariant 5: what is shown before it is durable");
    }

    private static ulong Told(Task<ulong> commit) =>
        FailureOf(commit) is { } failure
            ? throw failure
            : commit.Result;

    private static Exception? FailureOf(Task<ulong> commit)
    {
        if (Task.WaitAny([commit], Patience) < 0)
        {
            throw new PropertyFailedException("invariant 1: somebody waits for a commit for ever");
        }

        return commit.Exception?.InnerException;
    }

    /// <summary>One commit of the engine, and all that share it.</summary>
    /// <param name="index">The state that it makes.</param>
    private sealed class Flight(int index)
    {
        public int Index => index;

        /// <summary>The id of the state; 0 until it is in flight.</summary>
        public ulong Id { get; set; }

        /// <summary>The state in flight that its transactions were begun on; 0 if it is none that waits.</summary>
        public ulong Seen { get; init; }

        /// <summary>Whether visible is enough for all of them.</summary>
        public bool IsDeferred { get; set; }

        public List<Task<ulong>> Commits { get; } = [];
    }
}
