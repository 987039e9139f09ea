using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// All states that were committed, oldest first, and what was promised about them: the newest published one, the newest
/// one reported durable. Those behind it may be in the file or not.
/// </summary>
internal sealed class ModelHistory
{
    private readonly List<ModelState> _states;
    private readonly DiskTrace? _trace;
    private bool _exists;

    /// <param name="trace">Gets marks of what is attempted and promised.</param>
    /// <param name="start">What an existing database holds; null if there is none yet.</param>
    public ModelHistory(DiskTrace? trace = null, ModelState? start = null)
    {
        _states = [start ?? ModelState.Empty];
        _exists = start is not null;
        _trace = trace;
    }

    public IReadOnlyList<ModelState> States => _states;

    /// <summary>What was seen under which id, since the very beginning.</summary>
    public ShownStates Shown { get; } = new();

    /// <summary>What readers see.</summary>
    public ModelState Published => _states[PublishedIndex];

    /// <summary>What certainly survives.</summary>
    public ModelState Durable => _states[DurableIndex];

    public bool HasDeferred => DurableIndex != PublishedIndex;

    /// <summary>The newest state that the file may hold.</summary>
    public int AttemptedIndex => _states.Count - 1;

    public ModelState Attempted => _states[AttemptedIndex];

    public int PublishedIndex { get; private set; }

    public int DurableIndex { get; private set; }

    /// <summary>The oldest state that a crash may lead to; −1 while the database need not even exist.</summary>
    public int OldestAllowed => _exists ? DurableIndex : -1;

    /// <summary>A commit begins: from now on the file may hold the state.</summary>
    public void Attempt(ModelState state)
    {
        _states.Add(state);
        TraceMark.Attempted(_trace, AttemptedIndex);
    }

    /// <summary>Another transaction shares the commit that was attempted last: it makes this of it.</summary>
    public void Extend(ModelState state) => _states[^1] = state;

    /// <summary>The commit of a state was acknowledged.</summary>
    public void Acknowledge(int index, bool durable)
    {
        PublishedIndex = index;
        if (durable)
        {
            MakeDurable();
        }
    }

    /// <summary>Commits failed before anything could name them.</summary>
    /// <param name="newest">The newest state that the file may hold.</param>
    public void WithdrawAfter(int newest) => _states.RemoveRange(newest + 1, _states.Count - newest - 1);

    /// <summary>All that is published survives from now on.</summary>
    public void MakeDurable() => MakeDurable(PublishedIndex);

    /// <summary>A published state survives from now on.</summary>
    public void MakeDurable(int index)
    {
        _exists = true;
        DurableIndex = index;
        TraceMark.Durable(_trace, DurableIndex);
    }

    /// <summary>Somebody has seen the published state under an id.</summary>
    /// <exception cref="InvariantViolationException">Something else was seen under it before.</exception>
    public void Show(ulong id)
    {
        Add(new ShownState(id, Published.Digest));
        Add(ShownState.OfTrees(id, Published.TreesDigest));
    }

    /// <summary>Somebody has seen what the published state names.</summary>
    /// <param name="id">The id that it has.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="InvariantViolationException">Something else was seen under the id before.</exception>
    public void ShowNamed(ulong id, string name) => Add(ShownState.OfTrees(id, Published.Named(name).TreesDigest));

    private void Add(ShownState state)
    {
        Shown.Add(state);
        _trace?.AddNote(state);
    }

    /// <summary>After a crash: takes the newest state that equals what was found, if one is allowed.</summary>
    public bool TryRecover(ulong digest)
    {
        for (var i = _states.Count - 1; i >= DurableIndex; i--)
        {
            if (_states[i].Digest == digest)
            {
                _states.RemoveRange(i + 1, _states.Count - i - 1);
                PublishedIndex = DurableIndex = i;
                return true;
            }
        }

        return false;
    }

    /// <summary>What a failure's message says about the states that were allowed.</summary>
    public string Describe(ulong digest)
    {
        var index = _states.FindLastIndex(s => s.Digest == digest);
        return $"allowed are the states {DurableIndex} to {_states.Count - 1}; found is "
            + $"{(index < 0 ? "none that was ever committed" : $"state {index}")}";
    }
}
