using System.Buffers.Binary;
using System.Text;
using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// The rules of expiring trees and their time indexes (section 4). Both are walked once, in the order of the catalog:
/// of each it keeps how many times it has, and a sum of hashes of them, which is the same in whatever order they come.
/// </summary>
internal sealed class ExpiryCheck(CheckSession session, TreeWalk walk) : ILeafVisitor
{
    private const string Suffix = ":expiry";

    private readonly Dictionary<string, Times> _trees = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Times> _indexes = new(StringComparer.Ordinal);
    private Times _times = new();
    private bool _isIndex;

    public bool TakesAnyOrder => true;

    /// <summary>A tree is about to be walked.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isIndex">Whether it is a time index.</param>
    public void Begin(ReadOnlySpan<byte> name, bool isIndex)
    {
        _times = new Times();
        _isIndex = isIndex;
        (isIndex ? _indexes : _trees)[Encoding.UTF8.GetString(name)] = _times;
    }

    public void VisitLeaf(byte[] page, ulong number)
    {
        Span<byte> start = stackalloc byte[TimeLength];
        var sum = default(TimeSum);
        for (var i = 0; i < LeafCheck.Count(page); i++)
        {
            var key = LeafCheck.Entry(page, i, out var isOverflow, out _, out var value);
            if (_isIndex)
                AddIndexKey(number, i, key, isOverflow || !page.AsSpan(value).IsEmpty, ref sum);
            else if (!isOverflow)
                AddEntry(number, i, key, page.AsSpan(value), ref sum);
            else if (session.TryReadRunStart(U64(page, value.Start.Value), start))
                AddEntry(number, i, key, start, ref sum);
        }

        _times.Add(sum);
    }

    /// <summary>When all trees were walked: compares each with its time index.</summary>
    /// <param name="place">Where the trees are named.</param>
    public void Compare(IPlace place)
    {
        foreach (var (name, times) in _trees)
        {
            if (!_indexes.Remove(name + Suffix, out var index))
                Fail(place, $"a time index '{name}{Suffix}' of tree '{name}'", "none");
            else if (!session.AllReached)
                continue;
            else if (index.Count != times.Count)
                Fail(place, $"{times.Count} times in the time index of tree '{name}'", $"{index.Count}");
            else if (index.Sum != times.Sum)
                Fail(place, $"the times of tree '{name}' in its time index", "others");
        }

        foreach (var name in _indexes.Keys)
            Fail(place, $"an expiring tree for the time index '{name}'", "none");
    }

    private void AddEntry(
        ulong number, int index, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ref TimeSum sum)
    {
        if (value.Length < TimeLength)
        {
            Fail(number, $"a value {index} of at least the {TimeLength} bytes of its time", $"{value.Length}");
            return;
        }

        var time = U64(value, 0);
        if (time > LatestTime && time != NoTime)
            Fail(number, $"a time {index} of at most {LatestTime}", $"{time}");
        if (time != NoTime)
            sum.Add(time, key);
    }

    private void AddIndexKey(ulong number, int index, ReadOnlySpan<byte> key, bool hasValue, ref TimeSum sum)
    {
        if (hasValue)
            Fail(number, $"no value {index} in a time index", "one");
        if (key.Length < TimeLength)
        {
            Fail(number, $"a key {index} of at least the {TimeLength} bytes of its time", $"{key.Length}");
            return;
        }

        var time = BinaryPrimitives.ReadUInt64BigEndian(key);
        if (time > LatestTime)
            Fail(number, $"a time {index} of at most {LatestTime}", $"{time}");
        sum.Add(time, key[TimeLength..]);
    }

    private void Fail(ulong page, string expected, string found) =>
        session.Problems.Add(IntegrityRules.ExpiryEntry, walk, page, expected, found);

    private void Fail(IPlace place, string expected, string found) =>
        session.Problems.Add(IntegrityRules.ExpiryIndex, place, null, expected, found);

    /// <summary>The times of a tree, with their keys.</summary>
    private sealed class Times
    {
        private readonly Lock _gate = new();
        private TimeSum _sum;

        public ulong Count => _sum.Count;

        public ulong Sum => _sum.Sum;

        /// <summary>Adds those of a leaf; several threads may do so.</summary>
        public void Add(in TimeSum sum)
        {
            lock (_gate)
                _sum.Add(sum);
        }
    }

    /// <summary>How many times there are, and a sum of hashes of them.</summary>
    private struct TimeSum
    {
        public ulong Count { get; private set; }

        public ulong Sum { get; private set; }

        public void Add(in TimeSum other)
        {
            Count += other.Count;
            Sum = unchecked(Sum + other.Sum);
        }

        public void Add(ulong time, ReadOnlySpan<byte> key)
        {
            Count++;
            unchecked
            {
                // FNV-1a, and then mixed so that sums of few keys differ.
                var hash = (0xCBF29CE484222325 ^ time) * 0x100000001B3;
                foreach (var next in key)
                    hash = (hash ^ next) * 0x100000001B3;
                hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
                hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
                Sum += hash ^ (hash >> 31);
            }
        }
    }
}
