using System.Collections.Concurrent;
using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>The images that were judged, by hash, each with what it was allowed to hold. Thread-safe.</summary>
internal sealed class SeenImages
{
    private readonly ConcurrentDictionary<UInt128, byte> _known = [];

    /// <summary>How many different ones there were.</summary>
    public int Count => _known.Count;

    /// <summary>Remembers an image; false if it was judged before, with the same states allowed and seen.</summary>
    public bool Add(ImageView image, IReadOnlyList<ModelState> states, int durable, int attempted, ShownStates shown) =>
        _known.TryAdd(Fingerprint(image, states, durable, attempted, shown), 0);

    private static UInt128 Fingerprint(
        ImageView image, IReadOnlyList<ModelState> states, int durable, int attempted, ShownStates shown)
    {
        var database = image.HasDatabase ? ImageChecksums.XxHash64(image.Database) : 1;
        var temporary = image.HasTemporary ? ImageChecksums.XxHash64(image.Temporary) : 2;
        var rest = Dice.Mix(temporary + (durable < 0 ? 1UL : 0));
        for (var i = Math.Max(0, durable); i <= attempted; i++)
        {
            rest = Dice.Mix(rest ^ states[i].Digest);
        }

        var @lock = image.Lock;
        rest = Dice.Mix(rest ^ (@lock.Marks >> 32) ^ Dice.Mix(@lock.ClosedId ^ Dice.Mix((ulong)@lock.FileId)));
        return new UInt128(database, rest ^ Dice.Mix(shown.Fingerprint));
    }
}
