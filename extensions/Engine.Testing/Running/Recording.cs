using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>
/// Everything that one run of the program did to its disk, and what it acknowledged meanwhile. The program is run once
/// and crashed anywhere afterwards: the process that dies is never the one that runs.
/// </summary>
internal sealed class Recording
{
    private readonly DiskTrace _trace;
    private readonly int _begin;
    private readonly List<int> _moments = [];

    /// <param name="start">What was on the disk before.</param>
    /// <param name="seed">What the program's random numbers began with.</param>
    /// <param name="fault">The call that was to fail.</param>
    /// <param name="trace">What happened.</param>
    /// <param name="begin">Where in the trace the program began.</param>
    /// <param name="end">Where it ended, and the closing began.</param>
    /// <param name="calls">The calls from there on.</param>
    public Recording(
        DiskImage start,
        ulong seed,
        Fault? fault,
        DiskTrace trace,
        int begin,
        int end,
        IReadOnlyList<DiskCall> calls)
    {
        Start = start;
        Seed = seed;
        Fault = fault;
        Calls = calls;
        _trace = trace;
        _begin = begin;
        var hasFailed = fault is null;
        for (var i = begin; i < trace.Count; i++)
        {
            var kind = trace[i].Kind;
            Writes += kind == TraceKind.Write && i < end ? 1 : 0;

            // What the lock file says changes within calls. What comes before a call that fails is tried without that.
            if (hasFailed && kind is not (TraceKind.Lock or TraceKind.Fault))
            {
                _moments.Add(i);
            }

            hasFailed |= kind == TraceKind.Fault;
        }

        HasFailed = fault is not null && hasFailed;
        _moments.Add(trace.Count);
    }

    public DiskImage Start { get; }

    public ulong Seed { get; }

    public Fault? Fault { get; }

    /// <summary>The storage calls of the program and of closing its database.</summary>
    public IReadOnlyList<DiskCall> Calls { get; }

    /// <summary>How many writes the program made before its database was closed.</summary>
    public int Writes { get; }

    /// <summary>Whether the call that was to fail came, and failed.</summary>
    public bool HasFailed { get; }

    /// <summary>At how many moments the process may die; the last one is after its end.</summary>
    public int Moments => _moments.Count;

    /// <summary>Where in the trace a moment is: before that entry.</summary>
    public int PlaceOf(int moment) => _moments[moment];

    /// <summary>What comes at a moment if the process does not die.</summary>
    public TraceEntry? Next(int moment) =>
        _moments[moment] < _trace.Count ? _trace[_moments[moment]] : null;

    public object NoteOf(TraceEntry entry) => _trace.NoteOf(entry);

    /// <summary>Goes through the moments in order.</summary>
    /// <param name="from">The first one.</param>
    /// <param name="to">The last one.</param>
    /// <param name="visit">Gets each, with the disk and what has been acknowledged as they are then.</param>
    public void Walk(int from, int to, Action<int, DiskState, IReadOnlyList<object>> visit)
    {
        var state = new DiskState(new ImageView(Start));
        var facts = new List<object>();
        try
        {
            var place = 0;
            for (var moment = from; moment <= to; moment++)
            {
                for (; place < _moments[moment]; place++)
                {
                    state.Apply(_trace, place);
                    if (place >= _begin && _trace[place].Kind == TraceKind.Note)
                    {
                        facts.Add(_trace.NoteOf(_trace[place]));
                    }
                }

                visit(moment, state, facts);
            }
        }
        finally
        {
            state.Discard();
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Discard() => _trace.Discard();
}
