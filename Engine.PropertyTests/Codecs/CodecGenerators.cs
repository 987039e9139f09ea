using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Codecs;

/// <summary>Values to encode: any, and more of those at which encodings go wrong.</summary>
internal static class CodecGenerators
{
    private static readonly decimal[] DecimalEdges =
        [0, 1, -1, 10, 0.1m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 1.00m, -0.0m];

    private static readonly string[] Texts = ["\0", "a", "\u0001", "\u007F", "ü", "\uE000", "\uFFFD", "\U0001F600"];

    private static readonly Gen<ulong> Word = Gen.Choose(0, int.MaxValue).SelectMany(
        static high => Gen.Choose(0, int.MaxValue).Select(low => ((ulong)(uint)high << 33) ^ (uint)low));

    /// <summary>All 64 bits, often with runs of equal ones.</summary>
    public static Gen<ulong> Bits { get; } = Gen.OneOf(
        Gen.Choose(0, 16).SelectMany(static low => Gen.Choose(0, 48).Select(shift => (ulong)low << shift)),
        Gen.Choose(0, 16).SelectMany(static low => Gen.Choose(0, 63).Select(shift => ~((ulong)low << shift))),
        Word);

    public static Gen<UInt128> Bits128 { get; } =
        Bits.SelectMany(static high => Bits.Select(low => new UInt128(high, low)));

    public static Gen<double> Doubles { get; } = Gen.OneOf(
        Bits.Select(BitConverter.UInt64BitsToDouble),
        Gen.Elements(
            0.0,
            -0.0,
            double.NaN,
            double.Epsilon,
            -double.Epsilon,
            double.MaxValue,
            double.MinValue,
            double.PositiveInfinity,
            double.NegativeInfinity),
        Gen.Choose(-100, 100).Select(static i => i / 8.0));

    public static Gen<decimal> Decimals { get; } = Gen.OneOf(
        Gen.Elements(DecimalEdges),
        Gen.Choose(-1000, 1000).SelectMany(
            static i => Gen.Choose(0, 28).Select(scale => new decimal(Math.Abs(i), 0, 0, i < 0, (byte)scale))),
        Bits128.SelectMany(static bits => Gen.Choose(0, 28).Select(
            scale => new decimal(
                (int)(ulong)bits, (int)((ulong)bits >> 32), (int)(bits >> 64), (bits >> 127) != 0, (byte)scale))));

    public static Gen<long> Ticks { get; } = Gen.OneOf(
        Bits.Select(static bits => (long)(bits % ((ulong)DateTime.MaxValue.Ticks + 1))),
        Gen.Elements(0, 1, DateTime.MaxValue.Ticks, DateTime.UnixEpoch.Ticks));

    /// <summary>Whole characters, from the few that matter: zeros, and both sides of the surrogates.</summary>
    public static Gen<string> Strings { get; } = Gen.Choose(0, 6).SelectMany(
        static length => Gen.Elements(Texts).ArrayOf(length).Select(static parts => string.Concat(parts)));

    public static Gen<byte[]> Bytes { get; } = Gen.Choose(0, 6).SelectMany(
        static length => Gen.Elements((byte)0, (byte)0, (byte)1, (byte)255, (byte)254, (byte)97).ArrayOf(length));

    /// <summary>The order of code points.</summary>
    public static int CompareText(string x, string y) =>
        x.EnumerateRunes().Select(static rune => rune.Value).ToArray().AsSpan()
            .SequenceCompareTo(y.EnumerateRunes().Select(static rune => rune.Value).ToArray());
}
