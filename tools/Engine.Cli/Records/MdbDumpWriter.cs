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

    public MdbDumpWriter(Output output, bool print, ulong mapSize, int pageSize)
    {
        _output = output;
        _print = print;
        _mapSize = mapSize;
        _pageSize = pageSize;
    }

    /// <summary>Keys that are empty or too long for LMDB.</summary>
    public long UnloadableKeys { get; private set; }

    public override long LongLines => _longLines;

    public override void BeginTree(string name)
    {
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
        _output.WriteLine($"db_pagesize={_pageSize}");
        _output.WriteLine(MdbDumpHeader.End);
    }

    public override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!LmdbLimits.CanHoldKey(key))
            UnloadableKeys++;
        WriteField(key);
        WriteField(value);
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
