using System.Buffers.Binary;
using System.Text;
using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.Storage;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Makes a sample: writes through the engine into memory, and keeps the image and the model after every commit.
/// </summary>
internal sealed class SampleRecorder : IDisposable
{
    /// <summary>Where the time is in the entry of a name.</summary>
    private const int NameTime = 8;

    private readonly MemoryStorage _storage = new();
    private readonly int _pageSize;
    private readonly Database _database;
    private readonly List<byte[]> _history = [];
    private readonly Dictionary<ulong, TreeContents> _states = [];
    private TreeContents _contents = new();
    private byte[]? _named;

    public SampleRecorder(int pageSize)
    {
        _pageSize = pageSize;
        _database = Database.Open(
            _storage,
            new DatabaseOptions
            {
                PageSize = pageSize,
                AllowTestPageSizes = true,
                FlushInterval = Timeout.InfiniteTimeSpan
            });
        Keep();
    }

    public static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Value(int length, int seed)
    {
        var value = new byte[length];
        Dice.Fill(value, (ulong)seed);
        return value;
    }

    /// <summary>A value that compresses well.</summary>
    public static byte[] Text(int length) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("value ", length))[..length]);

    /// <summary>One commit: puts, and deletes where the value is null.</summary>
    public SampleRecorder Commit(bool isOrdered, params IEnumerable<(string Tree, byte[] Key, byte[]? Value)> changes)
    {
        using (var transaction = _database.BeginWrite())
        {
            foreach (var (name, key, value) in changes)
            {
                var tree = name.Length == 0 ? _database.Main : transaction.CreateTree(name);
                var model = _contents.Create(name);
                if (value is null)
                {
                    transaction[tree].Delete(key);
                    model.Remove(key);
                }
                else
                {
                    transaction[tree].Put(key, value);
                    model[key] = value;
                }
            }

            transaction.Commit(isOrdered ? CommitMode.Deferred : CommitMode.Durable);
        }

        _database.Flush();
        Keep();
        return this;
    }

    /// <summary>One commit that adds pairs to a counted tree with many values for each key.</summary>
    public void CommitPairs(string name, IEnumerable<(byte[] Key, byte[] Value)> pairs)
    {
        const TreeOptions Options = TreeOptions.Counted | TreeOptions.MultiValued;
        using (var transaction = _database.BeginWrite())
        {
            var tree = transaction.CreateMultiTree(name, Options);
            var model = _contents.Create(name, (int)Options);
            foreach (var (key, value) in pairs)
            {
                transaction[tree].Add(key, value);
                model[PairModel.Entry(key, value)] = PairModel.Besides(key);
            }

            transaction.Commit();
        }

        _database.Flush();
        Keep();
    }

    /// <summary>Names the newest state, in a commit that does nothing else.</summary>
    public void Name(string name)
    {
        _database.CreateSnapshot(name);
        _database.Flush();
        _named = Key(name);
        Keep();
    }

    public MalformedSample Finish(string name, string treeName)
    {
        var image = _history[^1];
        _history.RemoveAt(_history.Count - 1);
        return new MalformedSample(name, _pageSize, image, [.. _history.TakeLast(5)], _states, treeName);
    }

    public void Dispose()
    {
        _database.Dispose();
        _storage.Dispose();
    }

    private void Keep()
    {
        var core = _database.Core;
        var image = new byte[Math.Max(ImageLayout.ReservedBytes, (int)core.Published.PageCount * _pageSize)];
        core.File.Read(0, image);
        FixFileId(image);
        FixTime(image);
        _states[core.Published.Id] = _contents;
        _contents = _contents.Clone();
        _history.Add(image);
    }

    // When a snapshot was named is written beside its name; see below.
    private void FixTime(Span<byte> image)
    {
        if (_named is null)
        {
            return;
        }

        byte[] cell = [(byte)_named.Length, 0, 168, 0, .. _named];
        for (var from = 0; image[from..].IndexOf(cell) is var at and >= 0; from += at + cell.Length)
        {
            image.Slice(from + at + cell.Length + NameTime, 8).Clear();
        }

        new ChecksumMender().Mend(image, _pageSize, heads: false);
    }

    // The engine chooses a random one; a seed has to give the same bytes for ever.
    private static void FixFileId(byte[] image)
    {
        for (var block = 0; block < 3; block++)
        {
            var bytes = image.AsSpan(block * ImageLayout.BlockSize, ImageLayout.BlockSize);
            if (!ImageLayout.IsZero(bytes))
            {
                MetaImageMask.Toggle(bytes);
                BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], 0x0123456789ABCDEF);
                MetaImageMask.Toggle(bytes);
                ImageBuilder.SealBlock(bytes);
            }
        }
    }
}
