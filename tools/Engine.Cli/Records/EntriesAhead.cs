namespace Engine.Cli.Records;

/// <summary>Entries of which the first can be looked at before it is read.</summary>
internal sealed class EntriesAhead(IEntrySource source) : IEntrySource
{
    private byte[] _key = [];
    private byte[] _value = [];
    private bool _isAhead;
    private bool _isAtEnd;

    /// <summary>Looks at the first entry, which has not been read yet.</summary>
    /// <returns>Whether there is one; if not, the lengths are 0.</returns>
    public bool TryPeek(out int keyLength, out int valueLength)
    {
        _isAhead = source.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);
        _isAtEnd = !_isAhead;
        (_key, _value) = (key.ToArray(), value.ToArray());
        (keyLength, valueLength) = (_key.Length, _value.Length);
        return _isAhead;
    }

    public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (!_isAhead)
        {
            key = value = default;
            return !_isAtEnd && source.TryRead(out key, out value);
        }

        _isAhead = false;
        key = _key;
        value = _value;
        return true;
    }
}
