using Engine.Cli.Records;
using Engine.Cli.Shared;
using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>
/// The entries of one database in its order, depth first, with one page in memory for each level. A key with several
/// values comes once for each of them. The unnamed database also holds the records of the named ones: these are set
/// aside in <see cref="Named"/>.
/// </summary>
internal sealed class LmdbTreeReader : IEntrySource
{
    private readonly LmdbFile _file;
    private readonly LmdbRecord _record;
    private readonly string _name;
    private readonly bool _isMain;
    private readonly Stack<Frame> _path = new();
    private readonly Stack<byte[]> _spare = new();
    private readonly LargeBuffer _value = new();

    /// <summary>
    /// The values of the key of the current node, while there are more of them: in a tree of their own, or in a page
    /// within the node.
    /// </summary>
    private LmdbTreeReader? _valueTree;
    private Range _valuePage;
    private int _nextValue;
    private int _values;
    private bool _isStarted;

    /// <param name="file">The file.</param>
    /// <param name="record">The record of the database.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="isMain">Whether it is the unnamed database, which may hold the records of others.</param>
    public LmdbTreeReader(LmdbFile file, LmdbRecord record, string name, bool isMain = false)
    {
        _file = file;
        _record = record;
        _name = name;
        _isMain = isMain;
    }

    /// <summary>The named databases that came by.</summary>
    public List<(byte[] Name, LmdbRecord Record)> Named { get; } = [];

    /// <summary>Entries that came by, those of <see cref="Named"/> included.</summary>
    public ulong EntriesRead { get; private set; }

    /// <exception cref="LmdbFormatException">The file is damaged here.</exception>
    public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        Start();
        while (_path.TryPeek(out Frame? frame))
        {
            if (TryReadValue(frame, ref key, ref value))
            {
                EntriesRead++;
                return true;
            }

            if (frame.Next == frame.Count)
                Leave();
            else if (_path.Count < _record.Depth)
                Enter(Node(frame, frame.Next++).Child);
            else if (TryReadEntry(frame, frame.Next++, out key, out value))
                return true;
        }

        if (EntriesRead != _record.Entries)
            throw Damaged(
                $"its record says {Human.Count(_record.Entries)} entries, but it has {Human.Count(EntriesRead)}");
        return false;
    }

    private void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        if (_record.IsEmpty != (_record.Depth == 0) || _record.Depth > DeepestTree)
            throw Damaged($"a depth of {_record.Depth}, where a tree with a root has 1 to {DeepestTree}");
        if (!_record.IsEmpty)
            Enter(_record.Root);
    }

    /// <summary>The next value of a key with several of them; false if there is none.</summary>
    private bool TryReadValue(Frame frame, ref ReadOnlySpan<byte> key, ref ReadOnlySpan<byte> value)
    {
        if (_valueTree is not null)
        {
            if (_valueTree.TryRead(out value, out _))
            {
                key = Node(frame, frame.Next - 1).Key;
                return true;
            }

            _valueTree = null;
        }
        else if (_nextValue < _values)
        {
            key = Node(frame, frame.Next - 1).Key;
            LmdbNodePage page = Page(frame.Page.AsSpan(_valuePage), frame.Number);
            value = page.IsFixed ? page.Item(_nextValue) : Node(page, frame.Number, _nextValue).Key;
            _nextValue++;
            return true;
        }

        return false;
    }

    /// <summary>False if the node has no value of its own: it has several, or the record of a database.</summary>
    private bool TryReadEntry(Frame frame, int index, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        LmdbNodePage page = Page(frame.Page, frame.Number);
        if (page.IsFixed)
        {
            key = page.Item(index);
            EntriesRead++;
            return true;
        }

        LmdbNode node = Node(page, frame.Number, index);
        key = node.Key;
        switch (node.Flags & (BigData | SubData | DupData))
        {
            case 0:
                value = node.Data;
                break;
            case BigData:
                value = ReadOverflow(U64(node.Data, 0), node.Size);
                break;
            case SubData when _isMain:
                Named.Add((key.ToArray(), Record(node, frame.Number)));
                EntriesRead++;
                return false;
            case SubData | DupData when _record.Flags.HasFlag(LmdbFlags.DupSort):
                _valueTree = new LmdbTreeReader(_file, Record(node, frame.Number), $"{_name}, the values of one key");
                return false;
            case DupData when _record.Flags.HasFlag(LmdbFlags.DupSort):
                BeginValuePage(frame, node);
                return false;
            default:
                throw Damaged($"node {index} of page {frame.Number} has flags 0x{node.Flags:x}");
        }

        EntriesRead++;
        return true;
    }

    private void BeginValuePage(Frame frame, LmdbNode node)
    {
        frame.Page.AsSpan().Overlaps(node.Data, out int offset);
        _valuePage = offset..(offset + node.Data.Length);
        LmdbNodePage page = Page(node.Data, frame.Number);
        if (page.IsBranch)
            throw Damaged($"page {frame.Number} holds a branch within a node");
        (_nextValue, _values) = (0, page.Count);
    }

    private LmdbRecord Record(LmdbNode node, ulong page) => node.Data.Length == RecordLength
        ? LmdbRecord.Read(node.Data)
        : throw Damaged($"page {page} holds a record of {node.Data.Length} bytes, not {RecordLength}");

    private ReadOnlySpan<byte> ReadOverflow(ulong page, uint size)
    {
        if (size > _file.PageCount * (ulong)_file.PageSize)
            throw Damaged($"a value of {Human.Count(size)} bytes, which is more than the file has");
        if (size > int.MaxValue)
            throw new UsageException(
                $"{_name} holds a value of {Human.Count(size)} bytes, and here a value has at most "
                + $"{Human.Count(int.MaxValue)}");
        Span<byte> value = _value.Take((int)size);
        _file.ReadOverflow(page, value);
        return value;
    }

    private void Enter(ulong number)
    {
        byte[] buffer = _spare.TryPop(out byte[]? used) ? used : new byte[_file.PageSize];
        _file.ReadPage(number, buffer);
        LmdbNodePage page = Page(buffer, number);
        bool isBranch = _path.Count + 1 < _record.Depth;
        if (page.IsBranch != isBranch)
            throw Damaged(
                $"page {number} is a {(isBranch ? "leaf" : "branch")} at level {_path.Count + 1} of {_record.Depth}");
        if (page.Count == 0)
            throw Damaged($"page {number} is empty");
        _path.Push(new Frame(buffer, number, page.Count));
    }

    private void Leave() => _spare.Push(_path.Pop().Page);

    private LmdbNode Node(Frame frame, int index) => Node(Page(frame.Page, frame.Number), frame.Number, index);

    private LmdbNode Node(LmdbNodePage page, ulong number, int index) =>
        page.TryNode(index, out LmdbNode node) is { } problem ? throw Damaged($"page {number} has {problem}") : node;

    private LmdbNodePage Page(ReadOnlySpan<byte> bytes, ulong number) =>
        LmdbNodePage.TryRead(bytes, _file.Format, out LmdbNodePage page) is { } problem
            ? throw Damaged($"page {number} has {problem}") : page;

    private LmdbFormatException Damaged(string problem) => _file.Damaged($"{_name}: {problem}");

    private sealed class Frame(byte[] page, ulong number, int count)
    {
        public byte[] Page { get; } = page;

        public ulong Number { get; } = number;

        public int Count { get; } = count;

        public int Next { get; set; }
    }
}
