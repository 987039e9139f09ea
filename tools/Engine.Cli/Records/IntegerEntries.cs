using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// Entries of LMDB whose keys or values are compared from their last byte to their first: native integers, which are
/// little-endian ones, and what has the flag <c>reversekey</c>. Turned round they are in the order of their bytes, and
/// integers are big-endian.
/// </summary>
/// <param name="source">The entries as LMDB has them.</param>
/// <param name="turnsKeys">Whether keys are turned.</param>
/// <param name="turnsValues">Whether values are turned, which are integers then, of one size.</param>
/// <param name="hasIntegerKeys">Whether keys are integers, of one size.</param>
internal sealed class IntegerEntries(IEntrySource source, bool turnsKeys, bool turnsValues, bool hasIntegerKeys)
    : IEntrySource
{
    private byte[] _key = [];
    private byte[] _value = [];
    private int _keySize = -1;
    private int _valueSize = -1;

    /// <exception cref="UsageException">Integers have different sizes.</exception>
    public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (!source.TryRead(out key, out value))
            return false;
        if (turnsKeys)
            key = Turn(key, ref _key, ref _keySize, "key", hasIntegerKeys);
        if (turnsValues)
            value = Turn(value, ref _value, ref _valueSize, "value", haveOneSize: true);
        return true;
    }

    private static ReadOnlySpan<byte> Turn(
        ReadOnlySpan<byte> bytes, ref byte[] buffer, ref int size, string what, bool haveOneSize)
    {
        if (haveOneSize && size >= 0 && bytes.Length != size)
            throw new UsageException(
                $"the integer {what} '{ReadableText.Format(bytes)}' has {Human.Count(bytes.Length, "byte", "bytes")}, "
                + $"and those before it have {Human.Count(size)}");
        size = bytes.Length;
        if (buffer.Length < bytes.Length)
            buffer = new byte[Math.Max(bytes.Length, 64)];
        Span<byte> turned = buffer.AsSpan(0, bytes.Length);
        bytes.CopyTo(turned);
        turned.Reverse();
        return turned;
    }
}
