namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Writes numbers as unsigned LEB128 and bytes as they are, all of it in base 64 with a line feed now and then.
/// </summary>
internal sealed class MapDataWriter(TextWriter target)
{
    /// <summary>A multiple of three bytes, so that a line needs no padding.</summary>
    private readonly byte[] _line = new byte[3 * 4096];
    private int _used;

    public void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>A difference: small for small ones of either sign.</summary>
    public void Difference(ulong value, ulong from)
    {
        long difference = unchecked((long)(value - from));
        Number(unchecked((ulong)((difference << 1) ^ (difference >> 63))));
    }

    public void Word(uint value)
    {
        for (int i = 0; i < 4; i++)
            Byte((byte)(value >> (8 * i)));
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            Byte(value);
    }

    public void Flush()
    {
        target.Write(Convert.ToBase64String(_line, 0, _used));
        target.Write('\n');
        _used = 0;
    }

    private void Byte(byte value)
    {
        _line[_used++] = value;
        if (_used == _line.Length)
            Flush();
    }
}
