using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// Goes through trees depth first, in the order of their keys, with one buffer for each level. The separators that
/// bound a node are those in the buffers of its ancestors, so nothing is allocated for a page. What a page must be to
/// be believed is the visitor's business.
/// </summary>
internal sealed class TreeDescent(int pageSize, INodeVisitor visitor)
{
    private readonly byte[]?[] _buffers = new byte[]?[MaximumDepth];

    /// <summary>The branches from the root down to the one whose children are being visited.</summary>
    private readonly Frame[] _frames = new Frame[MaximumDepth];
    private int _depth;

    /// <summary>The separators around a branch whose children were left to this one.</summary>
    private byte[] _outer = [];

    /// <summary>The pages of the branches above the node that is being visited, from the root down.</summary>
    public IEnumerable<ulong> Path => _frames.Take(_depth).Select(frame => frame.Page);

    /// <summary>
    /// Those who visit the children of branches above leaves, each with a descent of its own; null: they are visited
    /// here.
    /// </summary>
    public CheckTeam? Team { get; set; }

    /// <summary>Visits a node and all that lies below it.</summary>
    public void Run(in NodeReference root)
    {
        _depth = 0;
        Go(Visit(root, default, default));
    }

    /// <summary>Visits some children of a branch above leaves.</summary>
    public void RunChildren(SharedBranch branch, int from, int to)
    {
        var lower = branch.LowerLength;
        var upper = branch.UpperLength;
        _buffers[0] = branch.Page;
        _outer = branch.Bounds;
        _frames[0] = new Frame
        {
            Page = branch.Node.Page,
            Level = branch.Node.Level,
            Count = branch.Count,
            Next = from,
            End = to,
            IsOrdered = true,
            IsCounted = branch.Node.Entries is not null,
            Lower = lower < 0 ? default : new Bound(Bound.Outer, 0, lower),
            Upper = upper < 0 ? default : new Bound(Bound.Outer, Math.Max(0, lower), upper),
        };
        _depth = 1;
        Go(goesOn: true);
    }

    private void Go(bool goesOn)
    {
        while (goesOn && _depth > 0)
            goesOn = VisitNextChild();
        _depth = 0;
    }

    private bool VisitNextChild()
    {
        ref var frame = ref _frames[_depth - 1];
        if (frame.Next == frame.End)
        {
            _depth--;
            return true;
        }

        var index = frame.Next++;
        var buffer = _buffers[_depth - 1]!;
        var (page, crc) = BranchCheck.Child(buffer, index);
        var lower = frame.IsOrdered && index > 0 ? Separator(index) : frame.Lower;
        var upper = frame.IsOrdered && index + 1 < frame.Count ? Separator(index + 1) : frame.Upper;
        var entries = frame.IsCounted ? BranchCheck.TryEntryCount(buffer, index) : null;
        var followers = frame.Level == 1 ? CountFollowers(ref frame, buffer, index, page) : 0;
        return Visit(
            new NodeReference(page, crc, frame.Level - 1, frame.Page, U64(buffer, 16), entries, followers),
            lower,
            upper);

        Bound Separator(int i)
        {
            var (offset, length) = BranchCheck.SeparatorRange(buffer, i);
            return new Bound(_depth - 1, offset, length);
        }
    }

    /// <summary>
    /// Of the children behind one, how many lie behind it in the file as well. Looks at each child once.
    /// </summary>
    private static int CountFollowers(ref Frame frame, byte[] buffer, int index, ulong page)
    {
        if (index >= frame.RowEnd)
        {
            frame.RowEnd = index + 1;
            while (frame.RowEnd < frame.End
                && BranchCheck.Child(buffer, frame.RowEnd).Page == unchecked(page + (ulong)(frame.RowEnd - index)))
            {
                frame.RowEnd++;
            }
        }

        return frame.RowEnd - index - 1;
    }

    /// <summary>Shows one node; a branch becomes the innermost frame. False if the walk ends.</summary>
    private bool Visit(in NodeReference node, Bound lower, Bound upper)
    {
        var buffer = _buffers[_depth] ??= new byte[pageSize];
        var bounds = new NodeBounds(Resolve(lower), lower.Exists, Resolve(upper), upper.Exists);
        var descent = visitor.Visit(node, buffer, bounds);
        if (descent is Descent.Ordered or Descent.Unordered)
        {
            if (node.Level == 1 && descent == Descent.Ordered && Team is { } team
                && team.TryShare(node, ref _buffers[_depth]!, bounds))
            {
                return true;
            }

            _frames[_depth++] = new Frame
            {
                Page = node.Page,
                Level = node.Level,
                Count = BranchCheck.Count(buffer),
                End = BranchCheck.Count(buffer),
                IsOrdered = descent == Descent.Ordered,
                IsCounted = node.Entries is not null,
                Lower = lower,
                Upper = upper,
            };
        }

        return descent != Descent.Stop;
    }

    private ReadOnlySpan<byte> Resolve(Bound bound)
    {
        if (!bound.Exists)
            return default;
        return (bound.Depth == Bound.Outer ? _outer : _buffers[bound.Depth]).AsSpan(bound.Offset, bound.Length);
    }

    /// <summary>A separator in the buffer of an ancestor; the default value stands for none.</summary>
    private readonly struct Bound(int depth, int offset, int length)
    {
        /// <summary>Stands for the separators around a branch whose own ancestors are not here.</summary>
        public const int Outer = -1;

        public bool Exists { get; } = true;

        public int Depth { get; } = depth;

        public int Offset { get; } = offset;

        public int Length { get; } = length;
    }

    private struct Frame
    {
        public ulong Page;
        public int Level;
        public int Count;

        /// <summary>The child to visit next, and the one behind the last to visit.</summary>
        public int Next;
        public int End;

        /// <summary>Behind the last of the children that lie in a row in the file, the next one among them.</summary>
        public int RowEnd;
        public bool IsOrdered;
        public bool IsCounted;
        public Bound Lower;
        public Bound Upper;
    }
}
