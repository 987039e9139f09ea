using Engine.Cli.Inspection;
using Engine.Cli.Shared;
using Engine.Integrity;
using Engine.Sorting;
using Engine.Transactions;

namespace Engine.Cli.Reading;

/// <summary>
/// Compares trees with the indexes that the catalog names, as far as that goes without their selectors: they are there,
/// their entries can be taken apart, each key of the tree is in the tree, and once at the most, and what is unique is.
/// </summary>
internal sealed class IndexCheck
{
    private const long SortMemory = 16 * 1024 * 1024;

    private readonly InspectedFile _file;
    private readonly CancellationToken _cancellation;
    private readonly List<IntegrityProblem> _problems = [];
    private SoundTrees _trees = null!;

    private IndexCheck(InspectedFile file, CancellationToken cancellation)
    {
        _file = file;
        _cancellation = cancellation;
    }

    /// <summary>How many indexes the catalog names.</summary>
    public int Indexes { get; private set; }

    /// <summary>Indexes whose entries could not be taken apart, because their codecs are a program's own.</summary>
    public int Unknown { get; private set; }

    public IReadOnlyList<IntegrityProblem> Problems => _problems;

    /// <summary>Compares all trees of a file that is sound.</summary>
    /// <exception cref="DatabaseCorruptException">It is not, or moves on meanwhile.</exception>
    public static IndexCheck Run(CommandContext context, InspectedFile file)
    {
        var check = new IndexCheck(file, context.Cancellation);
        SoundTrees catalog = SoundTrees.Of(file, context.Cancellation);
        foreach (NamedRecord tree in catalog.Trees)
        {
            if (!IndexList.TryRead(tree.Attributes, out IndexDefinition[] indexes))
            {
                check.Add("index-list", tree, null, "a list of indexes as attribute 4", "something else");
                continue;
            }

            foreach (IndexDefinition index in indexes)
            {
                check.Indexes++;
                NamedRecord? entries = catalog.Trees.FirstOrDefault(other => other.Name == index.Name);
                if (check.IsIndex(tree, index, entries))
                    context.Progress.Run(
                        $"comparing index {TreeNames.Label(index.Name)}",
                        (long)(entries!.Record.Entries + tree.Record.Entries),
                        progress =>
                        {
                            check.Compare(tree, index, entries, progress);
                            return true;
                        },
                        ProgressUnit.Entries);
            }
        }

        return check;
    }

    private bool IsIndex(NamedRecord tree, in IndexDefinition index, NamedRecord? entries)
    {
        TreeCodecs codecs = TreeCodecs.From(tree.Attributes);
        if (codecs.Key is null)
        {
            Add("index-codecs", tree, index.Name, "codecs of the tree", "none");
            return false;
        }

        if (entries is null)
        {
            Add("index-missing", tree, index.Name, "a tree of that name", "none");
            return false;
        }

        TreeCodecs expected = index.CodecsFor(codecs.Key);
        TreeCodecs found = TreeCodecs.From(entries.Attributes);
        if (found == expected)
            return true;
        Add("index-codecs", tree, index.Name,
            $"a tree with keys '{expected.Key}' and values '{expected.Value}'",
            $"'{found.Key ?? "(none)"}' and '{found.Value ?? "(none)"}'");
        return false;
    }

    private void Compare(NamedRecord tree, IndexDefinition index, NamedRecord entries, ProgressUpdate progress)
    {
        // Each walk with pages of its own that it has seen: a tree is read once for each of its indexes.
        string keyCodec = TreeCodecs.From(tree.Attributes).Key!;
        using var sorter = new ExternalSorter(SortMemory, Path.GetTempPath());
        var keys = new IndexKeys(index.KeyCodec, keyCodec, sorter);
        _trees = SoundTrees.Of(_file, _cancellation);
        long done = 0;
        _trees.Read(entries, (key, value) =>
        {
            keys.Add(key, value);
            progress(++done, done);
        });
        if (keys.Malformed > 0)
            Add("index-entry", tree, index.Name,
                $"entries of '({index.KeyCodec},{keyCodec})' without values",
                $"{Human.Count(keys.Malformed)} others, first {keys.FirstMalformed}");
        if (keys.Repeated > 0 && index.IsUnique)
            Add("index-unique", tree, index.Name, "each key once", $"{Human.Count(keys.Repeated)} more than once");
        if (keys.IsUnknown)
        {
            Unknown++;
            return;
        }

        sorter.Sort();
        var merge = new KeyMerge(sorter);
        _trees.Read(tree, (key, _) =>
        {
            merge.Next(key);
            progress(++done, done);
        });
        merge.End();
        if (merge.Absent > 0)
            Add("index-stale", tree, index.Name,
                "keys that are in the tree", $"{Human.Count(merge.Absent)} that are not, first {merge.FirstAbsent}");
        if (merge.Keys < keys.Sorted)
            Add("index-repeats", tree, index.Name,
                "each key of the tree once at the most", $"{Human.Count(keys.Sorted - merge.Keys)} more");
    }

    private void Add(string rule, NamedRecord tree, string? index, string expected, string found)
    {
        string place = index is null
            ? $"tree '{tree.DisplayName}'"
            : $"index '{TreeNames.Label(index)}' of tree '{tree.DisplayName}'";
        _problems.Add(new IntegrityProblem(rule, null, 0, place, expected, found));
    }

    /// <summary>Takes the entries of an index apart, in their order.</summary>
    private sealed class IndexKeys(string indexCodec, string keyCodec, ExternalSorter sorter)
    {
        private byte[] _last = [];

        public bool IsUnknown { get; private set; }

        public long Malformed { get; private set; }

        public string FirstMalformed { get; private set; } = "";

        /// <summary>Entries with the same key of the index as the one before.</summary>
        public long Repeated { get; private set; }

        /// <summary>Keys of the tree that were given to the sorter.</summary>
        public long Sorted { get; private set; }

        public void Add(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> value)
        {
            bool isEntry = value.IsEmpty;
            try
            {
                isEntry &= TryAdd(entry);
            }
            catch (InvalidEncodingException)
            {
                isEntry = false;
            }

            if (!isEntry && Malformed++ == 0)
                FirstMalformed = Convert.ToHexString(entry[..Math.Min(entry.Length, 32)]);
        }

        private bool TryAdd(ReadOnlySpan<byte> entry)
        {
            if (!CodecNames.TryGetPartLength(indexCodec, entry, out int length)
                || CodecNames.IsPrefixFree(keyCodec) is not { } isPrefixFree)
            {
                IsUnknown = true;
                return true;
            }

            ReadOnlySpan<byte> key = entry[length..];
            if (CodecNames.TryGetPartLength(keyCodec, key, out int keyLength) && keyLength != key.Length)
                return false;
            if (entry[..length].SequenceEqual(_last))
                Repeated++;
            else
                _last = entry[..length].ToArray();
            if (!isPrefixFree)
            {
                int end = PartBytes.FindEnd(key, keyCodec, out int escapes);
                byte[] bytes = new byte[end - escapes];
                PartBytes.Unescape(key[..end], bytes);
                key = bytes;
            }

            sorter.Add(key, default, isElsewhere: false);
            Sorted++;
            return true;
        }
    }

    /// <summary>Compares sorted keys with those of a tree, in their order.</summary>
    private sealed class KeyMerge(ExternalSorter sorter)
    {
        private bool _isStarted;
        private bool _hasKey;

        /// <summary>Different keys that were sorted.</summary>
        public long Keys { get; private set; }

        /// <summary>Those that the tree does not have.</summary>
        public long Absent { get; private set; }

        public string FirstAbsent { get; private set; } = "";

        public void Next(ReadOnlySpan<byte> key)
        {
            if (!_isStarted)
                Move();
            while (_hasKey && sorter.Key.SequenceCompareTo(key) < 0)
                Miss();
            if (_hasKey && sorter.Key.SequenceEqual(key))
                Move();
        }

        public void End()
        {
            if (!_isStarted)
                Move();
            while (_hasKey)
                Miss();
        }

        private void Miss()
        {
            if (Absent++ == 0)
                FirstAbsent = Convert.ToHexString(sorter.Key[..Math.Min(sorter.Key.Length, 32)]);
            Move();
        }

        private void Move()
        {
            _isStarted = true;
            _hasKey = sorter.MoveNext();
            if (_hasKey)
                Keys++;
        }
    }
}
