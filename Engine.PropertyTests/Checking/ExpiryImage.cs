using System.Buffers.Binary;
using Entries = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<byte[], byte[]>>;

namespace Engine.PropertyTests.Checking;

/// <summary>Expiring trees and their time indexes, as docs/format.md section 4 has them.</summary>
internal sealed class ExpiryImage
{
    private const ulong Latest = 253_402_300_799_999;

    private readonly Dictionary<string, Entries> _trees = [];
    private readonly Dictionary<string, Entries> _indexes = [];

    /// <summary>Takes a tree that has the attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="role">What the attribute holds.</param>
    /// <param name="entries">All its entries.</param>
    public void Add(string name, int role, Entries entries) => (role == 0 ? _trees : _indexes).Add(name, entries);

    /// <summary>Requires of each tree that its index has its times, and of each index its tree.</summary>
    public void RequireIndexes()
    {
        foreach (var (name, entries) in _trees)
        {
            if (!_indexes.Remove(name + ":expiry", out var index))
            {
                throw new ImageException($"the expiring tree {name} has no time index");
            }

            var expected = new List<string>();
            foreach (var (key, value) in entries)
            {
                var time = value.Length < 8 ? Latest + 1 : BinaryPrimitives.ReadUInt64LittleEndian(value);
                if (time > Latest && (value.Length < 8 || time != ulong.MaxValue))
                {
                    throw new ImageException($"an entry of {name} has no time");
                }

                if (time <= Latest)
                {
                    expected.Add($"{time:X16}{Convert.ToHexString(key)}");
                }
            }

            expected.Sort(string.CompareOrdinal);
            if (!expected.SequenceEqual(index.Select(static entry => Convert.ToHexString(entry.Key)))
                || index.Any(static entry => entry.Value.Length != 0))
            {
                throw new ImageException($"the time index of {name} is not that of its entries");
            }
        }

        if (_indexes.Count > 0)
        {
            throw new ImageException($"the time index {_indexes.Keys.First()} has no tree");
        }
    }
}
