using Engine.Space;

namespace Engine.Transactions;

/// <content>
/// What readers keep from being reused, for who watches the database. Counted when somebody asks, by whoever holds the
/// gate: the one who asks, or the next commit.
/// </content>
internal sealed partial class DatabaseWriter
{
    private volatile bool _isUsageWanted;
    private Dictionary<ulong, PinPages>? _usage;

    /// <summary>
    /// The pages that each pinned state keeps, as of the newest commit. Waits for nobody, reads nothing of the
    /// file.
    /// </summary>
    /// <returns>
    /// By the state's id. Null if somebody writes just now, and nobody has asked
    /// before: the next commit counts.
    /// </returns>
    public IReadOnlyDictionary<ulong, PinPages>? MeasurePins()
    {
        if (_gate.TryEnter())
        {
            try
            {
                CountUsage();
            }
            finally
            {
                _gate.Exit();
            }
        }
        else
        {
            _isUsageWanted = true;
        }

        return Volatile.Read(ref _usage);
    }

    /// <summary>The caller holds the gate.</summary>
    private void CountUsage()
    {
        try
        {
            // The pins of the space manager are those of the last commit; the readers, those of now.
            CollectPins(_lock.Readers, ref _pins, out var count);
            _pins[count] = Published.Id;
            _pins[count + 1] = _core.Newest.Id;
            _pins[count + 2] = _core.LandingAfter(_pins[count]);
            _pins[count + 3] = Volatile.Read(ref _durable).Id;
            Volatile.Write(ref _usage, PinUsage.Count(_space.Pins, _pins.AsSpan(0, count + 4)));
            _isUsageWanted = false;
        }
        catch (OutOfMemoryException)
        {
            // What was counted last is as good as can be had; a commit does not fail for it.
        }
    }
}
