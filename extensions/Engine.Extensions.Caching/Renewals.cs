using System.Collections.Concurrent;

namespace Engine.Extensions.Caching;

/// <summary>
/// The ends of sliding entries that were read since their ends were written, by the ids of the entries. One entry is
/// one object here, however often it is read; to move its end takes no lock.
/// </summary>
internal sealed class Renewals
{
    private readonly ConcurrentDictionary<ulong, Renewal> _byId = new();

    public bool IsEmpty => _byId.IsEmpty;

    /// <summary>The end of an entry, if it has moved since it was written.</summary>
    public bool TryGet(ulong id, out long deadline)
    {
        deadline = _byId.TryGetValue(id, out var renewal) ? renewal.Ticks : Deadline.Closed;
        return deadline != Deadline.Closed;
    }

    /// <summary>Notes that an entry ends later. Allocates only what is not there yet.</summary>
    public void Note(ulong id, ReadOnlySpan<byte> storedKey, long deadline)
    {
        while (true)
        {
            if (!_byId.TryGetValue(id, out var renewal))
            {
                if (_byId.TryAdd(id, new Renewal(id, storedKey.ToArray(), deadline)))
                {
                    return;
                }
            }
            else if (renewal.TryMoveTo(deadline))
            {
                return;
            }
            else
            {
                Remove(renewal);
            }
        }
    }

    /// <summary>Removes one that is closed.</summary>
    public void Remove(Renewal renewal) => _byId.TryRemove(KeyValuePair.Create(renewal.Id, renewal));

    /// <summary>All that are there at this moment.</summary>
    public Renewal[] ToArray() => [.. _byId.Values];
}
