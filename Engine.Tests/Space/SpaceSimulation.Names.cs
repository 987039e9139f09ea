using Engine.Space;

namespace Engine.Tests.Space;

/// <content>Named snapshots.</content>
internal sealed partial class SpaceSimulation
{
    private const int MaxNames = 6;

    /// <summary>The states that are named, of each state that may still be found or is the newest one.</summary>
    private readonly Dictionary<ulong, List<ulong>> _names = [];

    /// <summary>How often a state was named, and how often a name was taken away.</summary>
    public (int Given, int Taken) Names { get; private set; }

    /// <summary>Names some states that are held, the transaction's own among them, and takes names away.</summary>
    private List<NamedPin> ChangeNames(ulong id)
    {
        var changes = new List<NamedPin>();
        var left = new List<ulong>(_names[_newestMeta.Id]);
        while (left.Count > 0 && _random.Next(4) == 0)
        {
            var at = _random.Next(left.Count);
            changes.Add(new NamedPin(LogTag.Unpin, left[at]));
            left.RemoveAt(at);
        }

        while (left.Count < MaxNames && _random.Next(5) == 0)
        {
            var held = Held();
            var named = _random.Next(2) == 0 ? id : held[_random.Next(held.Length)];
            changes.Insert(_random.Next(2) == 0 ? 0 : changes.Count, new NamedPin(LogTag.Pin, named));
            left.Add(named);
        }

        return changes;
    }

    private void Rename(ulong id, List<NamedPin> changes)
    {
        var names = new List<ulong>(_names[_newestMeta.Id]);
        foreach (var (tag, named) in changes)
        {
            if (tag == LogTag.Pin)
            {
                names.Add(named);
            }
            else
            {
                names.Remove(named);
            }
        }

        var given = changes.Count(static change => change.Tag == LogTag.Pin);
        Names = (Names.Given + given, Names.Taken + changes.Count - given);
        _names[id] = names;
    }
}
