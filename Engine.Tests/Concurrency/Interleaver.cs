namespace Engine.Tests.Concurrency;

/// <summary>
/// Runs a few programs as threads of which only one goes at a time, again and again, until they have been run in every
/// order of their steps in which at most so many switches from one to another are not forced. A switch is forced where
/// a program ends, or where the first one takes so many steps that it must be waiting for another one. Programs call
/// <see cref="Step"/> between their steps, and have to do the same when they are run in the same order.
/// </summary>
internal sealed class Interleaver : IDisposable
{
    /// <summary>More steps than these in a row of the first program are waiting.</summary>
    private const int Patience = 28;

    private readonly List<(int Chosen, int Count)> _choices = [];
    private readonly List<int> _options = [];
    private readonly int _switches;
    private readonly Worker[] _workers;
    private int _position;
    private int _switchesLeft;
    private int _stepsInARow;
    private int _current;
    private bool _isRunning;

    private Interleaver(int programs, int switches)
    {
        _switches = switches;
        _workers = [.. Enumerable.Range(0, programs).Select(_ => new Worker())];
    }

    /// <summary>Runs them all.</summary>
    /// <param name="programs">How many programs there are.</param>
    /// <param name="switches">How many switches may be made that nothing forces.</param>
    /// <param name="prepare">
    /// Makes the programs of one run, of which the first one goes first. What it does itself is not interleaved.
    /// </param>
    /// <param name="isBroken">Looks at what one run has led to.</param>
    /// <returns>How many orders there are, and in how many something was broken.</returns>
    public static (int All, int Broken) Explore(
        int programs, int switches, Func<Interleaver, Action[]> prepare, Func<bool> isBroken)
    {
        using var interleaver = new Interleaver(programs, switches);
        var (all, broken) = (0, 0);
        do
        {
            interleaver.Run(prepare(interleaver));
            all++;
            broken += isBroken() ? 1 : 0;
        }
        while (interleaver.NextOrder());
        return (all, broken);
    }

    /// <summary>
    /// Between two steps of the program that goes: another one may go on here. Does nothing outside of a run.
    /// </summary>
    public void Step()
    {
        if (!_isRunning)
        {
            return;
        }

        var me = _current;
        var isWaiting = ++_stepsInARow > Patience && me == 0 && FindOptions(except: me) > 0;
        if (!isWaiting && (_switchesLeft == 0 || FindOptions(except: me) == 0))
        {
            return;
        }

        var chosen = Choose(isWaiting ? _options.Count : _options.Count + 1);
        if (!isWaiting && chosen-- == 0)
        {
            return;
        }

        _switchesLeft -= isWaiting ? 0 : 1;
        Go(_options[chosen]);
        _workers[me].AwaitTurn();
    }

    public void Dispose() => Array.ForEach(_workers, worker => worker.Dispose());

    private void Run(Action[] programs)
    {
        (_position, _switchesLeft, _isRunning) = (0, _switches, true);
        using var done = new ManualResetEventSlim();
        for (var i = 0; i < programs.Length; i++)
        {
            _workers[i].Prepare(programs[i], () =>
            {
                if (FindOptions(except: -1) > 0)
                {
                    Go(_options[Choose(_options.Count)]);
                }
                else
                {
                    done.Set();
                }
            });
        }

        Go(0);
        done.Wait();
        _isRunning = false;
        foreach (var worker in _workers)
        {
            if (worker.Failure is { } failure)
            {
                throw new AssertionException($"a program failed: {failure}");
            }
        }
    }

    private int FindOptions(int except)
    {
        _options.Clear();
        for (var i = 0; i < _workers.Length; i++)
        {
            if (i != except && !_workers[i].HasEnded)
            {
                _options.Add(i);
            }
        }

        return _options.Count;
    }

    private int Choose(int count)
    {
        if (count == 1)
        {
            return 0;
        }

        if (_position == _choices.Count)
        {
            _choices.Add((0, count));
        }

        var (chosen, expected) = _choices[_position++];
        return expected == count
            ? chosen
            : throw new InvalidOperationException("A program did not do the same in the same order.");
    }

    private void Go(int program)
    {
        (_current, _stepsInARow) = (program, 0);
        _workers[program].Go();
    }

    /// <summary>The next order: the last choice that has alternatives left takes the next of them.</summary>
    private bool NextOrder()
    {
        var last = _choices.FindLastIndex(choice => choice.Chosen + 1 < choice.Count);
        if (last < 0)
        {
            return false;
        }

        _choices[last] = (_choices[last].Chosen + 1, _choices[last].Count);
        _choices.RemoveRange(last + 1, _choices.Count - last - 1);
        return true;
    }

    private sealed class Worker : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(0);
        private readonly Thread _thread;
        private Action? _program;
        private Action? _whenEnded;

        public Worker()
        {
            _thread = new Thread(Work) { IsBackground = true };
            _thread.Start();
        }

        public bool HasEnded { get; private set; }

        public Exception? Failure { get; private set; }

        public void Prepare(Action program, Action whenEnded) =>
            (_program, _whenEnded, HasEnded, Failure) = (program, whenEnded, false, null);

        public void Go() => _turn.Release();

        public void AwaitTurn() => _turn.Wait();

        public void Dispose()
        {
            _program = null;
            Go();
            _thread.Join();
            _turn.Dispose();
        }

        private void Work()
        {
            while (true)
            {
                AwaitTurn();
                if (_program is not { } program)
                {
                    return;
                }

                try
                {
                    program();
                }
                catch (Exception e)
                {
                    Failure = e;
                }

                HasEnded = true;
                _whenEnded!();
            }
        }
    }
}
