using Engine.Pages;
using Engine.Space;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Named snapshots. Their tree is written like any other, so savepoints and those who share a commit need nothing more;
/// what the space manager is to know is found out when the commit is sealed, by looking at each name that was touched
/// in the state before and in the new one. An entry for the very state that it is written in cannot have the roots of
/// that state, which are the roots of itself: it says so, and the next commit completes it.
/// </content>
internal sealed partial class WriteContext
{
    private readonly TreeName _snapshots = new(SnapshotNames.Tree, isOfEngine: true);

    /// <summary>The names that were touched since the commit began, whatever became of that, and their keys.</summary>
    private readonly Dictionary<string, byte[]> _touchedSnapshots = new(StringComparer.Ordinal);
    private readonly List<NamedPin> _namedPins = [];
    private readonly List<UnfinishedName> _unfinishedNames = [];

    /// <summary>What holds the states that were named until a commit does.</summary>
    private readonly List<SharedPin> _keptPins = [];
    private ulong _lastMark;

    /// <summary>
    /// Whether the tree of names of the base state means something, or did when the transaction began: a commit of
    /// those before an open transaction may be the one that takes the last name, and what the open one has named stays.
    /// </summary>
    private bool _mayHaveNames;

    /// <summary>
    /// Whether the transactions so far name the state that they become, so that none may be added to them.
    /// </summary>
    public bool IsComplete { get; private set; }

    /// <summary>Finds a named snapshot, as the running transaction has it.</summary>
    public bool TryFindSnapshot(SnapshotName name, out NamedState named)
    {
        named = default;
        return SnapshotTree() is { } tree && SnapshotNames.TryFind(_source, tree.Record, name.Key, out named);
    }

    /// <summary>Names the state that the transaction becomes.</summary>
    public void NameThis(SnapshotName name, SnapshotKind kind)
    {
        foreach (var unfinished in _base.UnfinishedNames)
        {
            _lastMark = Math.Max(_lastMark, unfinished.Mark);
        }

        PutSnapshot(
            name,
            new NamedState
            {
                Id = TransactionId,
                Time = Now(),
                Kind = kind,
                IsOwn = true,
                Mark = ++_lastMark,
            });
        IsComplete = true;
    }

    /// <summary>Names a state that is kept, at least until now.</summary>
    public void NameOther(SnapshotName name, SnapshotKind kind, SharedPin pin)
    {
        pin.AddUser();
        _keptPins.Add(pin);
        PutSnapshot(
            name,
            new NamedState { Id = default, Time = Now(), Kind = kind }.Of(pin.State, pin.State.Id));
    }

    /// <summary>Gives up a name.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Unname(SnapshotName name)
    {
        if (SnapshotTree() is not { } tree)
        {
            return false;
        }

        try
        {
            TouchSnapshot(name);
            var isThere = tree.Delete(name.Key);
            CompleteChange();
            return isThere;
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Gives a named snapshot, which is there, another name, which is not.</summary>
    public void RenameSnapshot(SnapshotName from, SnapshotName to)
    {
        if (TryFindSnapshot(from, out var named))
        {
            // Under the new name nobody would complete it for those who go on when this is sealed.
            named = TryComplete(named, out var completed) ? completed : named;
            PutSnapshot(to, named);
            Unname(from);
        }
    }

    /// <summary>
    /// Completes the entries of the base state's own snapshots, and tells those of the new state its id. Before the
    /// pages are collected, and again if they could not be written.
    /// </summary>
    /// <returns>What the new state names and the base state did not, and the other way round.</returns>
    public List<NamedPin> CompleteSnapshots()
    {
        _unfinishedNames.Clear();
        _namedPins.Clear();
        if (_touchedSnapshots.Count == 0 && _base.UnfinishedNames.Length == 0)
        {
            return _namedPins;
        }

        var tree = SnapshotTree();
        if (tree is not null)
        {
            CompleteBaseSnapshots(tree);
            foreach (var key in _touchedSnapshots.Values)
            {
                CompleteSnapshot(tree, key);
            }
        }

        CollectNamedPins(tree);
        return _namedPins;
    }

    /// <summary>
    /// Completes the entries of the base state's own snapshots, for a transaction that will share a commit: whoever
    /// goes on when that is sealed goes on with what it has found, completed.
    /// </summary>
    public void CompleteBaseSnapshots()
    {
        if (_base.UnfinishedNames.Length > 0 && SnapshotTree() is { } tree)
        {
            CompleteBaseSnapshots(tree);
        }
    }

    private void CompleteBaseSnapshots(TreeEditor tree)
    {
        foreach (var unfinished in _base.UnfinishedNames)
        {
            CompleteSnapshot(tree, unfinished.Key);
        }
    }

    private void CollectNamedPins(TreeEditor? tree)
    {
        var hadTree = TryFindBaseSnapshots(out var former);
        foreach (var key in _touchedSnapshots.Values)
        {
            ulong before = hadTree && SnapshotNames.TryFind(_source, former, key, out var old) ? old.Id : 0;
            ulong after =
                tree is not null && SnapshotNames.TryFind(_source, tree.Record, key, out var named) ? named.Id : 0;
            if (before == after)
            {
                continue;
            }

            if (after != 0)
            {
                _namedPins.Add(new NamedPin(LogTag.Pin, after));
            }

            if (before != 0)
            {
                _namedPins.Add(new NamedPin(LogTag.Unpin, before));
            }
        }
    }

    /// <summary>The named snapshots of the new state itself, once it was completed.</summary>
    public UnfinishedName[] ListUnfinishedNames() => [.. _unfinishedNames];

    private long Now() => _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    private void CompleteSnapshot(TreeEditor tree, byte[] key)
    {
        if (!SnapshotNames.TryFind(_source, tree.Record, key, out var named) || !named.IsOwn)
        {
            return;
        }

        if (TryComplete(named, out var completed))
        {
            WriteSnapshot(tree, key, completed);
            return;
        }

        // The id may have moved since: those before the transaction were committed without it.
        if (named.Id != TransactionId)
        {
            WriteSnapshot(tree, key, named with { Id = TransactionId });
        }

        _unfinishedNames.Add(new UnfinishedName(key, named.Mark, TransactionId));
    }

    /// <summary>Gives a named snapshot of the very base state the roots of that one.</summary>
    /// <returns>False if it is none.</returns>
    private bool TryComplete(in NamedState named, out NamedState completed)
    {
        completed = default;
        foreach (var ofBase in _base.UnfinishedNames)
        {
            if (named.IsOwn && ofBase.Mark == named.Mark)
            {
                completed = named.Of(_base, ofBase.Id);
                return true;
            }
        }

        return false;
    }

    private void PutSnapshot(SnapshotName name, in NamedState named)
    {
        try
        {
            if (SnapshotTree() is null)
            {
                // What a copy has under the name names nothing.
                Drop(_snapshots);
                Create(_snapshots, default(TreeFlags));
            }

            TouchSnapshot(name);
            WriteSnapshot(SnapshotTree()!, name.Key, named);
            CompleteChange();
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    private static void WriteSnapshot(TreeEditor tree, byte[] key, in NamedState named)
    {
        tree.Put(key, NamedState.Length, PutMode.Overwrite, null, out var value);
        named.Write(value);
    }

    private void TouchSnapshot(SnapshotName name) => _touchedSnapshots[name.Text] = name.Key;

    /// <summary>The tree of names, unless there is none that means anything.</summary>
    private TreeEditor? SnapshotTree()
    {
        var tree = Find(_snapshots);
        return tree is not null
            && !_mayHaveNames
            && TryFindInBase(_snapshots, out var record, out _)
            && record.TreeId == tree.Record.TreeId
                ? null
                : tree;
    }

    private bool TryFindBaseSnapshots(out TreeRecord record)
    {
        record = default;
        return _base.HasNames && TryFindInBase(_snapshots, out record, out _);
    }

    /// <summary>The commit has taken place, or will not.</summary>
    private void ForgetSnapshots()
    {
        IsComplete = false;
        _touchedSnapshots.Clear();
        foreach (var pin in _keptPins)
        {
            pin.Release();
        }

        _keptPins.Clear();
    }
}
