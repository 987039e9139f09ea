using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// The entries that two states of a tree do not have in common, in ascending order, for <c>foreach</c>. What both
/// states share is not read: it costs what the changes cost, O(changes · log n), however large the tree is. Can be
/// enumerated any number of times. It keeps its bounds: allocates nothing unless they are longer than 48 bytes.
/// </summary>
/// <remarks>
/// An entry that was written with the value that it had is no change. The enumeration throws
/// <see cref="DatabaseCorruptException"/> if a page on the way is damaged, and <see cref="ObjectDisposedException"/> if
/// one of the read transactions has ended.
/// </remarks>
/// <example>
/// <code>
/// using var snapshot = db.OpenSnapshot();
/// db.Write(tx => tx.Main.Put("alice"u8, "43"u8));
/// using var older = snapshot.BeginRead();
/// using var newer = db.BeginRead();
/// foreach (var change in newer.Main.ChangesSince(older.Main))
/// {
///     Console.WriteLine($"{change.Kind} {Encoding.UTF8.GetString(change.Key)}");
/// }
/// </code>
/// </example>
public readonly ref struct TreeDifference
{
    private readonly TreeReader _older;
    private readonly TreeReader _newer;
    private readonly EncodedBounds _bounds;
    private readonly bool _isFromExcluded;
    private readonly RangeEnd _end;

    internal TreeDifference(TreeReader older, TreeReader newer)
        : this(older, newer, default, isFromExcluded: false, RangeEnd.None)
    {
        if (!newer.Source.IsOfSameFile(older.Source))
        {
            throw Throw.ForeignState(nameof(older));
        }
    }

    private TreeDifference(
        TreeReader older, TreeReader newer, scoped in EncodedBounds bounds, bool isFromExcluded, RangeEnd end)
    {
        _older = older;
        _newer = newer;
        _bounds = bounds;
        _isFromExcluded = isFromExcluded;
        _end = end;
    }

    /// <summary>Those of these changes with key ≥ from.</summary>
    public TreeDifference From(scoped ReadOnlySpan<byte> from) => StartAt(from, isExcluded: false);

    /// <summary>
    /// Those of these changes behind a key, whether or not it is among them: to go on where an enumeration stopped.
    /// </summary>
    public TreeDifference After(scoped ReadOnlySpan<byte> key) => StartAt(key, isExcluded: true);

    /// <summary>Those of these changes with key &lt; to.</summary>
    public TreeDifference Before(scoped ReadOnlySpan<byte> to)
    {
        if (!RangeScope.IsBefore(to, _bounds.To.Bytes, _end))
        {
            return this;
        }

        var bounds = _bounds;
        bounds.To = new EncodedBound(to);
        return new(_older, _newer, bounds, _isFromExcluded, RangeEnd.Below);
    }

    /// <summary>Those of these changes with from ≤ key &lt; to.</summary>
    public TreeDifference Range(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to) =>
        From(from).Before(to);

    /// <summary>Those of these changes whose keys begin with a prefix.</summary>
    [SkipLocalsInit]
    public TreeDifference Prefix(scoped ReadOnlySpan<byte> prefix)
    {
        var changes = From(prefix);
        return PairForm.TryNext(prefix, stackalloc byte[Scratch.Length], out var next) ? changes.Before(next) : changes;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_older, _newer, _bounds, _isFromExcluded, _end);

    private TreeDifference StartAt(scoped ReadOnlySpan<byte> bound, bool isExcluded)
    {
        if (!RangeScope.IsAfter(bound, _bounds.From.Bytes, _isFromExcluded)
            || (!isExcluded && bound.SequenceEqual(_bounds.From.Bytes)))
        {
            return this;
        }

        var bounds = _bounds;
        bounds.From = new EncodedBound(bound);
        return new(_older, _newer, bounds, isExcluded, _end);
    }

    /// <summary>Walks over the changes.</summary>
    public ref struct Enumerator
    {
        private readonly TreeReader _older;
        private readonly TreeReader _newer;
        private readonly EncodedBounds _bounds;
        private readonly bool _isFromExcluded;
        private readonly RangeEnd _end;
        private TreeDiff _diff;

        internal Enumerator(
            TreeReader older, TreeReader newer, scoped in EncodedBounds bounds, bool isFromExcluded, RangeEnd end)
        {
            _older = older;
            _newer = newer;
            _bounds = bounds;
            _isFromExcluded = isFromExcluded;
            _end = end;
            _diff = TreeReader.Compare(older, newer);
        }

        /// <summary>The change; its spans live as long as both read transactions.</summary>
        public readonly TreeChange Current
        {
            get
            {
                var kind = CurrentKind;
                return new TreeChange(kind, _diff.Key, _diff.OlderValue, _diff.NewerValue);
            }
        }

        /// <summary>What became of the entry: does not touch its values, which may be large.</summary>
        public readonly ChangeKind CurrentKind
        {
            get
            {
                RequirePosition();
                return !_diff.IsInOlder ? ChangeKind.Added
                    : _diff.IsInNewer ? ChangeKind.Changed
                    : ChangeKind.Removed;
            }
        }

        /// <summary>The key alone: does not touch the values, which may be large.</summary>
        public readonly ReadOnlySpan<byte> CurrentKey
        {
            get
            {
                RequirePosition();
                return _diff.Key;
            }
        }

        /// <summary>Pages of both trees that were looked into.</summary>
        internal readonly ulong PagesVisited => _diff.PagesVisited;

        /// <summary>Moves to the next change.</summary>
        public bool MoveNext()
        {
            RequireOpen();
            return _diff.MoveNext(new TreeDiffBounds
            {
                From = _bounds.From.Bytes,
                IsFromExcluded = _isFromExcluded,
                To = _bounds.To.Bytes,
                HasEnd = _end != RangeEnd.None,
            });
        }

        // Checked by each member: a transaction may have ended since the move.
        private readonly void RequireOpen()
        {
            _older.RequireOpen();
            _newer.RequireOpen();
        }

        private readonly void RequirePosition()
        {
            RequireOpen();
            if (!_diff.IsInOlder && !_diff.IsInNewer)
            {
                Throw.NoPosition();
            }
        }
    }
}
