using System.Buffers;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// The text format of LMDB's mdb_dump: for each database a header, then a line for each key and each value, both behind
/// a blank, then <c>DATA=END</c>. The end of the input is only one behind a database that is complete, so a dump that
/// was cut short is noticed.
/// </summary>
internal sealed class MdbDumpReader : RecordReader
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private readonly DuplicatePolicy _duplicates;
    private readonly Action<string>? _warn;
    private readonly Pairs _pairs;
    private byte[] _key = [];
    private byte[] _value = [];
    private MdbDumpHeader? _header;
    private DuplicateFolder? _folder;
    private IEntrySource _entries;

    public MdbDumpReader(LineReader lines, DuplicatePolicy duplicates, Action<string>? warn)
        : base(lines)
    {
        _duplicates = duplicates;
        _warn = warn;
        _pairs = new Pairs(this);
        _entries = _pairs;
    }

    public override bool HasTime => Kind.IsExpiring;

    public override bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        while (_header is not null || TryReadHeader())
        {
            if (TryReadEntry(out key, out value))
                return true;
            Leave();
        }

        key = value = default;
        return false;
    }

    private void Leave()
    {
        if (_folder is { Dropped: > 0 } folder)
            _warn?.Invoke(
                $"{Human.Count(folder.Dropped, "value was", "values were")} dropped: their keys have another one");
        (_header, _folder, _entries) = (null, null, _pairs);
    }

    /// <summary>False at the end of the input.</summary>
    private bool TryReadHeader()
    {
        ReadOnlySpan<byte> line;
        do
        {
            if (!Lines.TryRead(out line))
                return false;
        }
        while (line.IsEmpty);

        if (!line.StartsWith("VERSION="u8))
            throw Malformed(
                $"a dump of LMDB begins with {MdbDumpHeader.Version}: give another --format, or make the dump with "
                + $"mdb_dump or engine dump");
        var header = new MdbDumpHeader();
        while (!line.SequenceEqual("HEADER=END"u8))
        {
            if (header.Add(line, _warn) is { } problem)
                throw Malformed(problem);
            if (!Lines.TryRead(out line))
                throw Malformed($"the input ends before {MdbDumpHeader.End}: the dump was cut short");
        }

        _header = header;
        EnterTree(header.Name, Begin(header));
        return true;
    }

    /// <summary>Makes what turns the entries of a database into those of a tree.</summary>
    /// <returns>What the tree is to be.</returns>
    private TreeKind Begin(MdbDumpHeader header)
    {
        bool isMultiValued = header.HasDuplicates && _duplicates == DuplicatePolicy.Keep;
        bool turnsValues = header.HasIntegerValues && isMultiValued;
        (int keySize, int valueSize) = (0, 0);
        _entries = _pairs;
        if (header.HasIntegerKeys || turnsValues)
        {
            var ahead = new EntriesAhead(_pairs);
            ahead.TryPeek(out keySize, out valueSize);
            _entries = new IntegerEntries(ahead, header.HasIntegerKeys, turnsValues, header.HasIntegerKeys);
        }

        if (header.HasDuplicates && !isMultiValued)
            _entries = _folder = new DuplicateFolder(_entries, _duplicates);

        // A key with its value behind it is something else than the key.
        if (_folder is not null && _duplicates == DuplicatePolicy.Pairs)
            return TreeKind.Plain;
        return header.Complete(
            LmdbKinds.Of(isMultiValued, header.HasIntegerKeys, turnsValues, keySize, valueSize));
    }

    private bool TryReadEntry(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        try
        {
            return _entries.TryRead(out key, out value);
        }
        catch (UsageException exception)
        {
            throw Malformed(exception.Message, exception);
        }
    }

    /// <summary>Two lines; false at <c>DATA=END</c>.</summary>
    private bool TryReadPair(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        if (!TryReadField(ref _key, out key))
            return false;
        return TryReadField(ref _value, out value)
            ? true
            : throw Malformed($"the last key has no value before {MdbDumpHeader.DataEnd}");
    }

    private bool TryReadField(ref byte[] buffer, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (!Lines.TryRead(out ReadOnlySpan<byte> line))
            throw Malformed($"the input ends before {MdbDumpHeader.DataEnd}: the dump was cut short");
        if (line.SequenceEqual("DATA=END"u8))
            return false;
        if (line is not [(byte)' ', ..])
            throw Malformed($"a key or a value begins with a blank, and the data end with {MdbDumpHeader.DataEnd}");
        line = line[1..];
        if (buffer.Length < line.Length)
            buffer =
                new byte[Math.Max(line.Length, 2 * buffer.Length < Array.MaxLength ? 2 * buffer.Length : line.Length)];
        int length = _header!.IsPrint ? DecodePrint(line, buffer) : DecodeHex(line, buffer);
        field = buffer.AsSpan(0, length);
        return true;
    }

    private int DecodeHex(ReadOnlySpan<byte> line, byte[] buffer)
    {
        if (line.Length % 2 != 0)
            throw Malformed("an odd number of hexadecimal digits: two make a byte");
        return Convert.FromHexString(line, buffer, out _, out int written) == OperationStatus.Done
            ? written
            : throw Malformed(
                $"the character at column {line.IndexOfAnyExcept(HexDigits) + 2} is no hexadecimal digit");
    }

    private int DecodePrint(ReadOnlySpan<byte> line, byte[] buffer)
    {
        int length = 0;
        while (!line.IsEmpty)
        {
            int escape = line.IndexOf((byte)'\\');
            int plain = escape < 0 ? line.Length : escape;
            line[..plain].CopyTo(buffer.AsSpan(length));
            length += plain;
            line = line[plain..];
            if (line.IsEmpty)
                break;
            if (line is [_, (byte)'\\', ..])
            {
                buffer[length++] = (byte)'\\';
                line = line[2..];
            }
            else if (line.Length > 2
                && Convert.FromHexString(line.Slice(1, 2), buffer.AsSpan(length), out _, out _) == OperationStatus.Done)
            {
                length++;
                line = line[3..];
            }
            else
            {
                throw Malformed(
                    "a backslash that is followed by neither a backslash nor two hexadecimal digits (mdb_dump -p of "
                    + "old LMDB versions leaves backslashes as they are: use mdb_dump without -p)");
            }
        }

        return length;
    }

    private sealed class Pairs(MdbDumpReader reader) : IEntrySource
    {
        public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) =>
            reader.TryReadPair(out key, out value);
    }
}
