using System.Buffers;
using System.Buffers.Binary;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// Makes entries with one value a key of a source in which equal keys follow each other. It reads one entry ahead: what
/// a key has been given is complete when it is handed out.
/// </summary>
internal sealed class DuplicateFolder : IEntrySource
{
    private readonly IEntrySource _source;
    private readonly DuplicatePolicy _policy;
    private Pair _current = new();
    private Pair _ahead = new();
    private bool _isAhead;
    private bool _isAtEnd;

    public DuplicateFolder(IEntrySource source, DuplicatePolicy policy)
    {
        _source = source;
        _policy = policy;
    }

    /// <summary>Values that were dropped because their key has another one.</summary>
    public long Dropped { get; private set; }

    /// <exception cref="UsageException">
    /// A key has several values that are not to be kept in one entry, or cannot be.
    /// </exception>
    public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        bool isThere = _policy == DuplicatePolicy.Pairs ? ReadPair() : ReadGroup();
        key = _current.Key.WrittenSpan;
        value = _current.Value.WrittenSpan;
        return isThere;
    }

    private bool ReadPair()
    {
        if (!_source.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            return false;
        if (key.Length > ushort.MaxValue)
            throw new UsageException(
                $"a key of {Human.Count(key.Length)} bytes cannot be made part of a pair: choose another --duplicates");
        ArrayBufferWriter<byte> pair = _current.Key;
        pair.ResetWrittenCount();
        pair.Write(key);
        pair.Write(value);
        BinaryPrimitives.WriteUInt16BigEndian(pair.GetSpan(sizeof(ushort)), (ushort)key.Length);
        pair.Advance(sizeof(ushort));
        return true;
    }

    private bool ReadGroup()
    {
        if (!_isAhead && !ReadAhead())
            return false;
        (_current, _ahead) = (_ahead, _current);
        _isAhead = false;
        while (ReadAhead() && _ahead.Key.WrittenSpan.SequenceEqual(_current.Key.WrittenSpan))
            Fold();
        return true;
    }

    private bool ReadAhead()
    {
        // A source is not asked again behind its end.
        if (_isAtEnd || !_source.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            _isAtEnd = true;
            return _isAhead = false;
        }

        _isAhead = true;
        _ahead.Key.ResetWrittenCount();
        _ahead.Key.Write(key);
        _ahead.Value.ResetWrittenCount();
        if (_policy == DuplicatePolicy.List)
            WriteElement(_ahead.Value, value);
        else
            _ahead.Value.Write(value);
        return true;
    }

    private void Fold()
    {
        switch (_policy)
        {
            case DuplicatePolicy.First:
                Dropped++;
                break;
            case DuplicatePolicy.Last:
                (_current, _ahead) = (_ahead, _current);
                Dropped++;
                break;
            case DuplicatePolicy.List:
                Append(_current.Value, _ahead.Value.WrittenSpan);
                break;
            default:
                throw new UsageException(
                    $"the key '{ReadableText.Format(_current.Key.WrittenSpan)}' has a second value: choose what to "
                    + "keep with --duplicates first, last, list or pairs");
        }
    }

    private void Append(ArrayBufferWriter<byte> list, ReadOnlySpan<byte> element)
    {
        if (list.WrittenCount > Array.MaxLength - element.Length)
        {
            throw new UsageException(
                $"the values of the key '{ReadableText.Format(_current.Key.WrittenSpan)}' are together longer than "
                + $"{Human.Count((long)Array.MaxLength)} bytes: choose --duplicates pairs");
        }

        list.Write(element);
    }

    private static void WriteElement(ArrayBufferWriter<byte> list, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(list.GetSpan(sizeof(uint)), (uint)value.Length);
        list.Advance(sizeof(uint));
        list.Write(value);
    }

    private sealed class Pair
    {
        public ArrayBufferWriter<byte> Key { get; } = new();

        public ArrayBufferWriter<byte> Value { get; } = new();
    }
}
