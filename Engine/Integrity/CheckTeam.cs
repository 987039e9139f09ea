using System.Runtime.ExceptionServices;

namespace Engine.Integrity;

/// <summary>
/// Threads that check the leaves of a tree together. The one that walks the tree goes through the branches, and leaves
/// the children of the lowest ones to whoever is free, itself included. Few branches wait for somebody at a time, so
/// memory is bounded. One tree is walked at a time. Others begin only when there is work for them.
/// </summary>
/// <remarks>
/// A team proves that all is sound, in whatever order it comes to the pages: every page is claimed once, and what is
/// counted is added up. At the first problem it gives up. So what a report says of damage, and in which order, is
/// always what one thread finds, one page after the other.
/// </remarks>
internal sealed class CheckTeam : IDisposable
{
    /// <summary>To leave fewer children than this to others costs more than it is worth.</summary>
    private const int FewestChildren = 4;

    private const int RunLength = 64 * 1024;
    private const int PatienceMilliseconds = 100;

    private readonly object _gate = new();
    private readonly int _threads;
    private readonly CancellationTokenSource _stop;
    private readonly List<Thread> _others = [];
    private readonly List<TreeWalk> _walks = [];

    /// <summary>Branches with children that nobody has taken.</summary>
    private readonly Queue<SharedBranch> _open = new();
    private readonly Stack<SharedBranch> _idle = new();
    private CheckSession? _session;
    private ILeafVisitor? _visitor;
    private int _mostOthers;

    /// <summary>Runs of children that are being checked.</summary>
    private int _running;
    private bool _isEnding;
    private ExceptionDispatchInfo? _failure;

    private CheckTeam(int threads, CancellationToken cancellation)
    {
        _threads = threads;
        _mostOthers = threads - 1;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    private CheckSession Session => _session!;

    /// <summary>Checks with several threads.</summary>
    /// <param name="threads">How many; with one there is nothing to gain, and the answer is null.</param>
    /// <param name="begin">Makes the session, with these problems and this cancellation.</param>
    /// <param name="check">Checks.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <returns>The session if nothing is wrong; null if something is, which one thread has to tell.</returns>
    public static CheckSession? TryProve(
        int threads,
        Func<ProblemList, CancellationToken, CheckSession> begin,
        Action<CheckSession> check,
        CancellationToken cancellation)
    {
        if (threads == 1)
            return null;
        using var team = new CheckTeam(threads, cancellation);
        try
        {
            var session = begin(new ProblemList(0, endsAtFirst: true), team._stop.Token);
            session.Team = team;
            team._session = session;
            team._walks.Add(new TreeWalk(session));
            check(session);
            return session;
        }
        catch (UnsoundException)
        {
            return null;
        }
        catch (DatabaseCorruptException)
        {
            // The file has become shorter meanwhile. A report has what was found before as well.
            return null;
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>A tree is about to be walked.</summary>
    /// <param name="visitor">Is shown the leaves, by several threads at once.</param>
    public void Begin(ILeafVisitor? visitor)
    {
        lock (_gate)
            _visitor = visitor;
    }

    /// <summary>Leaves the children of a branch above leaves to the team; false if they are too few.</summary>
    /// <inheritdoc cref="SharedBranch.Take"/>
    public bool TryShare(in NodeReference node, ref byte[] page, in NodeBounds bounds)
    {
        var count = BranchCheck.Count(page);
        if (count < FewestChildren)
            return false;
        while (true)
        {
            Run run;
            lock (_gate)
            {
                _failure?.Throw();
                if (_open.Count < _threads || !TryTake(out run))
                {
                    if (!_idle.TryPop(out var branch))
                        branch = new SharedBranch(page.Length);
                    branch.Take(node, ref page, bounds);
                    _open.Enqueue(branch);
                    AddThreads(count / FewestChildren);
                    Monitor.PulseAll(_gate);
                    return true;
                }
            }

            Check(_walks[0], run);
        }
    }

    /// <summary>Checks the children that are left, until all of them are checked.</summary>
    /// <returns>What the team found in the tree.</returns>
    public TreeCounts Finish()
    {
        while (true)
        {
            Run run;
            bool isTaken;
            lock (_gate)
            {
                _failure?.Throw();
                isTaken = TryTake(out run);
                if (!isTaken)
                {
                    if (_running == 0)
                        break;
                    Monitor.Wait(_gate, PatienceMilliseconds);
                }
            }

            if (isTaken)
                Check(_walks[0], run);
            else
                Session.ReportProgress();
        }

        var counts = new TreeCounts();
        foreach (var walk in _walks)
            counts.Add(walk.TakeCounts());
        return counts;
    }

    /// <summary>Waits until no other thread looks at the file any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        _stop.Cancel();
        foreach (var thread in _others)
            thread.Join();
        _stop.Dispose();
    }

    private void Check(TreeWalk walk, in Run run)
    {
        walk.CheckChildren(run.Branch, run.From, run.To, _visitor);
        lock (_gate)
        {
            if (--run.Branch.Running == 0 && run.Branch.Next == run.Branch.Count)
                _idle.Push(run.Branch);
            if (--_running == 0 && _open.Count == 0)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes children to check. Under the lock.</summary>
    private bool TryTake(out Run run)
    {
        run = default;
        if (!_open.TryPeek(out var branch))
            return false;

        // Towards the end less and less, so that all come to it together.
        var from = branch.Next;
        var left = branch.Count - from;
        var most = Math.Max(1, RunLength / branch.Page.Length);
        branch.Next += _open.Count > 1 ? Math.Min(left, most) : Math.Clamp(left / (2 * _threads), 1, most);
        if (branch.Next == branch.Count)
            _open.Dequeue();
        branch.Running++;
        _running++;
        run = new Run(branch, from, branch.Next);
        return true;
    }

    /// <summary>Under the lock.</summary>
    private void AddThreads(int count)
    {
        for (; count > 0 && _others.Count < _mostOthers; count--)
        {
            var walk = new TreeWalk(Session);
            var thread = new Thread(() => Work(walk)) { IsBackground = true, Name = "Engine check" };
            try
            {
                thread.UnsafeStart();
            }
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
            {
                // It goes on with those that there are.
                _mostOthers = _others.Count;
                return;
            }

            _walks.Add(walk);
            _others.Add(thread);
        }
    }

    private void Work(TreeWalk walk)
    {
        try
        {
            while (WaitForRun(out var run))
                Check(walk, run);
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e);
                _open.Clear();
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>False once the team is to end.</summary>
    private bool WaitForRun(out Run run)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_isEnding || _failure is not null)
                {
                    run = default;
                    return false;
                }

                if (TryTake(out run))
                    return true;
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Children of a branch, one after the other.</summary>
    private readonly record struct Run(SharedBranch Branch, int From, int To);
}
