using System.Text;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// The text format of LMDB's mdb_dump, byte for byte as mdb_dump writes it (but for backslashes of the readable form).
/// A dump may hold keys that LMDB cannot: they are counted.
/// </summary>
internal sealed class MdbDumpWriter : DumpWriter
{
    /// <summary>What mdb_dump writes of an environment that nobody configured.</summary>
    private const int MaxReaders = 126;

    private readonly Output _output;
    private readonly bool _print;
    private readonly ulong _mapSize;
    private readonly int _pageSize;
    private long _longLines;
    private byte[] _turned = [];
    private byte[]? _keyOfNothing;
    private bool _isMultiValued;
    private int _integerKey;
    private int _integerValue;

    public MdbDumpWriter(Output output, bool print, ulong mapSize, int pageSize)
    {
        _output = output;
        _print = print;
        _mapSize = mapSize;
        _pageSize = pageSize;
    }

    /// <summary>Keys that are empty or too long for LMDB.</summary>
    public long UnloadableKeys { get; private set; }

    /// <summary>Values of keys that may have several which are too long for that in LMDB.</summary>
    public long UnloadableValues { get; private set; }

    /// <summary>Empty values of keys that have others, which LMDB drops.</summary>
    public long EmptyValues { get; private set; }

    public override long LongLines => _longLines;

    public override void BeginTree(string name, TreeKind kind, long entries)
    {
        _isMultiValued = kind.IsMultiValued;
        _integerKey = LmdbKinds.IntegerKeySize(kind);
        _integerValue = LmdbKinds.IntegerValueSize(kind);
        _keyOfNothing = null;
        _output.WriteLine(MdbDumpHeader.Version);
        _output.WriteLine(_print ? "format=print" : "format=bytevalue");
        if (name.Length > 0)
        {
            if (LmdbLimits.ProblemOfName(name) is { } problem)
                throw new UsageException(problem);
            _output.Write("database=");

            // As it is, for programs; but not to a terminal, which may take it for a command.
            if (_output.IsTerminal)
                _output.Write(name);
            else
                _output.WriteUnchanged(Encoding.UTF8.GetBytes(name));
            _output.Write('\n');
        }

        _output.WriteLine("type=btree");
        _output.WriteLine($"mapsize={_mapSize}");
        _output.WriteLine($"maxreaders={MaxReaders}");
        WriteFlag(_isMultiValued, "duplicates");
        WriteFlag(_isMultiValued, "dupsort");
        WriteFlag(_integerKey > 0, "integerkey");
        WriteFlag(_integerValue > 0, "dupfixed");
        WriteFlag(_integerValue > 0, "integerdup");
        WriteKind(kind, entries > 0);
        _output.WriteLine($"db_pagesize={_pageSize}");
        _output.WriteLine(MdbDumpHeader.End);
    }

    public override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!LmdbLimits.CanHoldKey(key))
            UnloadableKeys++;
        if (_isMultiValued)
            CheckValue(key, value);
        WriteField(_integerKey > 0 ? Turn(key, _integerKey, "key", key) : key);
        WriteField(_integerValue > 0 ? Turn(value, _integerValue, "value", key) : value);
    }

    private void WriteFlag(bool isSet, string name)
    {
        if (isSet)
            _output.WriteLine($"{name}=1");
    }

    /// <summary>What load does not see by LMDB's flags.</summary>
    private void WriteKind(TreeKind kind, bool hasEntries)
    {
        TreeKind seen = LmdbKinds.Of(
            kind.IsMultiValued,
            _integerKey > 0,
            _integerValue > 0,
            hasEntries ? _integerKey : 0,
            hasEntries ? _integerValue : 0);
        WriteFlag(kind.IsCounted, MdbDumpHeader.Counted);
        WriteFlag(kind.IsExpiring, MdbDumpHeader.Expiring);
        if (kind.KeySize != seen.KeySize)
            _output.WriteLine($"{MdbDumpHeader.KeySize}={kind.KeySize}");
        WriteCodec(MdbDumpHeader.KeyCodec, kind.KeyCodec, seen.KeyCodec);
        WriteCodec(MdbDumpHeader.ValueCodec, kind.ValueCodec, seen.ValueCodec);
    }

    private void WriteCodec(string keyword, string? codec, string? seen)
    {
        // What another program wrote there may be no name.
        if (codec is not null && codec != seen && TreeKind.IsCodecName(codec))
            _output.WriteLine($"{keyword}={codec}");
    }

    private void CheckValue(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (value.Length > LmdbLimits.LongestKey)
            UnloadableValues++;

        // An empty value is the first one of its key.
        if (_keyOfNothing is not null && key.SequenceEqual(_keyOfNothing))
            EmptyValues++;
        _keyOfNothing = value.IsEmpty ? key.ToArray() : null;
    }

    /// <summary>An integer as LMDB has it, little-endian.</summary>
    private ReadOnlySpan<byte> Turn(ReadOnlySpan<byte> bytes, int size, string what, ReadOnlySpan<byte> key)
    {
        if (bytes.Length != size)
        {
            throw new UsageException(
                $"the {what} of the entry '{ReadableText.Format(key)}' has "
                + $"{Human.Count(bytes.Length, "byte", "bytes")}, where its codec says {size}: LMDB cannot hold it "
                + "beside the others; use --format jsonl");
        }

        if (_turned.Length == 0)
            _turned = new byte[sizeof(ulong)];
        Span<byte> turned = _turned.AsSpan(0, size);
        bytes.CopyTo(turned);
        turned.Reverse();
        return turned;
    }

    public override void EndTree() => _output.WriteLine(MdbDumpHeader.DataEnd);

    private void WriteField(ReadOnlySpan<byte> bytes)
    {
        long start = _output.Position;
        _output.Write(' ');
        if (_print)
            WritePrint(bytes);
        else
            EntryWriter.WriteField(_output, EntryForm.Hex, bytes);
        _output.Write('\n');
        if (_output.Position - start > LineReader.LongestLine)
            _longLines++;
    }

    private void WritePrint(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            // A backslash as \5c: older mdb_load misread two backslashes behind another escape.
            if (value is >= 0x20 and <= 0x7E and not (byte)'\\')
            {
                _output.Write((char)value);
            }
            else
            {
                Tokens.WriteEscaped(_output, value);
            }
        }
    }
}
