namespace Engine.Extensions.Caching;

/// <summary>
/// The end of an entry as readers move it, without a lock, until the writer has taken it over and closes it. Whoever
/// finds it closed looks for the entry again: what the writer took over is published before it closes.
/// </summary>
internal abstract class Deadline(long ticks)
{
    /// <summary>The writer has taken it over.</summary>
    public const long Closed = long.MinValue;

    private long _ticks = ticks;

    /// <summary>The end in ticks of UTC, or <see cref="Closed"/>.</summary>
    public long Ticks => Volatile.Read(ref _ticks);

    /// <summary>Moves the end, never back.</summary>
    /// <returns>False if it is closed.</returns>
    public bool TryMoveTo(long ticks)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _ticks);
            if (seen == Closed)
            {
                return false;
            }

            if (ticks <= seen || Interlocked.CompareExchange(ref _ticks, ticks, seen) == seen)
            {
                return true;
            }
        }
    }

    /// <summary>Closes it unless it was moved beyond what the writer has written.</summary>
    public bool TryClose(long written)
    {
        var seen = Interlocked.CompareExchange(ref _ticks, Closed, written);
        return seen == written || seen == Closed;
    }
}
