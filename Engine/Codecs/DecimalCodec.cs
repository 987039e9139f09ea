namespace Engine;

/// <summary>
/// 14 bytes: sign and decimal exponent, then the 29 leading decimal digits as a number. Decimals that are equal are one
/// key, whatever their scale: 1.0 and 1.00 are read back as 1. <c>decimal</c>.
/// </summary>
public readonly struct DecimalCodec : IKeyCodec<decimal>
{
    private const int Length = 14;

    /// <summary>Zero has this first byte; greater ones are positive.</summary>
    private const byte Zero = 0x80;

    /// <summary>Added to the exponent, which is −27 to 29, so that it is 1 or more.</summary>
    private const int Bias = 28;

    private const int Digits = 29;
    private const int MaxScale = 28;

    private static readonly UInt128[] PowersOfTen = MakePowers();

    /// <inheritdoc/>
    public static string Name => "decimal";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(decimal value) => Length;

    /// <inheritdoc/>
    public static int Write(decimal value, Span<byte> destination)
    {
        destination = destination[..Length];
        if (value == 0)
        {
            destination.Clear();
            destination[0] = Zero;
            return Length;
        }

        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var number = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        var digits = CountDigits(number);
        number *= PowersOfTen[Digits - digits];

        destination[0] = (byte)(Zero + Bias + digits - value.Scale);
        for (var i = Length - 1; i > 0; i--)
        {
            destination[i] = (byte)number;
            number >>= 8;
        }

        if (value < 0)
        {
            Invert(destination);
        }

        return Length;
    }

    /// <inheritdoc/>
    public static decimal Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        Span<byte> bytes = stackalloc byte[Length];
        source[..Length].CopyTo(bytes);
        var isNegative = bytes[0] < Zero;
        if (isNegative)
        {
            Invert(bytes);
        }

        UInt128 number = 0;
        foreach (var next in bytes[1..])
        {
            number = (number << 8) | next;
        }

        var exponent = bytes[0] - Zero - Bias;
        if (!isNegative && bytes[0] == Zero && number == 0)
        {
            return 0;
        }

        var scale = Digits - exponent;
        if (number < PowersOfTen[Digits - 1] || number >= PowersOfTen[Digits] || scale < 0)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        RemoveZeros(ref number, ref scale);
        var high = (ulong)(number >> 64);
        if (scale > MaxScale || high > uint.MaxValue)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        var low = (ulong)number;
        return new decimal((int)low, (int)(low >> 32), (int)high, isNegative, (byte)scale);
    }

    private static void Invert(Span<byte> bytes)
    {
        foreach (ref var one in bytes)
        {
            one = (byte)~one;
        }
    }

    private static int CountDigits(UInt128 number)
    {
        // Each digit is 3.32 bits: an estimate that is right or one too small.
        var bits = 128 - (int)UInt128.LeadingZeroCount(number);
        var digits = bits * 1233 >> 12;
        return number >= PowersOfTen[digits] ? digits + 1 : digits;
    }

    /// <summary>Zeros at the end of the digits behind the point are no part of a value.</summary>
    private static void RemoveZeros(ref UInt128 number, ref int scale)
    {
        for (var zeros = 16; zeros > 0; zeros >>= 1)
        {
            while (scale >= zeros)
            {
                var (quotient, rest) = UInt128.DivRem(number, PowersOfTen[zeros]);
                if (rest != 0)
                {
                    break;
                }

                number = quotient;
                scale -= zeros;
            }
        }
    }

    private static UInt128[] MakePowers()
    {
        var powers = new UInt128[Digits + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
