using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>What becomes of the file while nobody writes it, tried beside the program.</summary>
internal sealed partial class ProgramRunner
{
    private const int EarlierFiles = 4;
    private const int DecaysOfKilled = 3;

    // The database has been closed in good order.
    private void Decay(Operation operation)
    {
        // A close that failed halfway lost nothing, but it did not settle the file either.
        if (_isInMemory || _disk.Lock.Marks >> 32 == 0)
        {
            return;
        }

        var image = new DiskImage(_disk.Durable.ToArray(), Lock: _disk.Lock);
        for (var i = 0; i <= operation.A % 32; i++)
        {
            _decay.Judge(
                image, _earlier, _history.Durable, Simulation.Decay.Of(Dice.Mix((ulong)operation.B) + (ulong)i));
        }
    }

    // The process has been killed, and the machine runs on. Unless it died before it had recovered, the lock file says
    // how far it had come.
    private void DecayOfKilled(Operation crash)
    {
        if (_history.OldestAllowed < 0 || _disk.Lock.PublishedId == 0
            || !_disk.IsLockOfThisBoot || !_disk.Cache.SequenceEqual(_disk.Durable))
        {
            return;
        }

        var image = new DiskImage(_disk.Cache.ToArray(), Lock: _disk.Lock);
        var allowed = _history.States.Skip(_history.OldestAllowed).ToList();
        for (var i = 0; i < DecaysOfKilled; i++)
        {
            _decay.JudgeKilled(image, _earlier, allowed, Simulation.Decay.Of(Dice.Mix((ulong)crash.D) + (ulong)i));
        }
    }

    private void RememberFile()
    {
        if (!_isInMemory)
        {
            _earlier.Insert(0, _disk.Durable.ToArray());
            if (_earlier.Count > EarlierFiles)
            {
                _earlier.RemoveAt(EarlierFiles);
            }
        }
    }
}
