using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Engine.Tests.Codecs;

/// <summary>What codecs refuse, and which one a type has if none is named.</summary>
public class CodecTests
{
    private enum Small : byte
    {
        One = 1,
    }

    private enum Signed
    {
        Negative = -1,
    }

    private static IEnumerable<TestCaseData> BadBytes()
    {
        yield return Bad(KeyCodec.Boolean, "", "02", "0000");
        yield return Bad(KeyCodec.Byte, "", "0000");
        yield return Bad(KeyCodec.Int16, "00", "000000");
        yield return Bad(KeyCodec.Char, "00", "000000");
        yield return Bad(KeyCodec.Int32, "", "000000", "0000000000");
        yield return Bad(KeyCodec.Int64, "00000000000000", "000000000000000000");
        yield return Bad(KeyCodec.UInt128, "0000000000000000", "0000000000000000000000000000000000");
        yield return Bad(KeyCodec.Enum<Small>(), "", "0000");

        // Another NaN than the one, positive and negative; negative zero.
        yield return Bad(KeyCodec.Double, "", "0000000000000001", "FFF8000000000000", "7FFFFFFFFFFFFFFF");
        yield return Bad(KeyCodec.Single, "", "00000001", "FFC00000", "7FFFFFFF");
        yield return Bad(
            KeyCodec.Decimal,
            "",
            "80000000000000000000000000",

            // Negative zero; zero with digits; too few digits; too many; too small; too large; a fraction too fine.
            "7FFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "8000204FCE5E3E25026110000000",
            "9D00000000000000000000000001",
            "9D01431E0FAE6D7217CAA0000000",
            "8000204FCE5E3E25026110000001",
            "BA00204FCE5E3E25026110000000",
            "8100204FCE5E3E25026110000001",

            // 2^96 and above.
            "B90100000000000000000000000000",
            "B9010000000000000000000000",
            "B901000000000000000000000000");
        yield return Bad(KeyCodec.DateTime, "00", "2BCA2875F4374000", "FFFFFFFFFFFFFFFF");
        yield return Bad(KeyCodec.UtcDateTime, "00", "2BCA2875F4374000");
        yield return Bad(KeyCodec.DateTimeOffset, "00", "2BCA2875F4374000");
        yield return Bad(KeyCodec.TimeSpan, "00", "000000000000000000");
        yield return Bad(KeyCodec.DateOnly, "00", "0037B9DB", "FFFFFFFF");
        yield return Bad(KeyCodec.TimeOnly, "00", "000000C92A69C000", "FFFFFFFFFFFFFFFF");
        yield return Bad(KeyCodec.Guid, "00", "0000000000000000000000000000000000");

        // Not UTF-8: a byte alone, a surrogate, too long a form, a beginning without an end.
        yield return Bad(KeyCodec.Utf8, "80", "EDA080", "C080", "E282");
        yield return Bad(
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Byte),
            "",
            "61",
            "6100",
            "610001",
            "610000",
            "61000000FF",
            "80000000");
        yield return Bad(KeyCodec.Tuple(KeyCodec.Byte, KeyCodec.Utf8), "", "00", "0061", "006100", "00610000FF");
        yield return Bad(ValueCodec.Single, "", "0000000000");
        yield return Bad(ValueCodec.Double, "00", "000000000000000000");
        yield return Bad(
            ValueCodec.Decimal,
            "00",
            "001D0000000000000000000000000000",
            "00000001000000000000000000000000",
            "01000000000000000000000000000000");
        yield return Bad(ValueCodec.DateTime, "00", "C000000000000000", "2BCA2875F4374000");
        yield return Bad(
            ValueCodec.DateTimeOffset,
            "00",
            "08DC39222E67E5800349",
            "08DC39222E67E580FCB7",
            "0000000000000000FFFF",
            "2BCA2875F4373FFF0001",
            "2BCA2875F43740000000");
        yield return Bad(ValueCodec.Struct<Pair>(), "", "00000000000000", "000000000000000000");
    }

    [TestCaseSource(nameof(BadBytes))]
    public void Decode_WhatIsNoEncoding_Throws(Func<string, object?> decode, string[] encodings)
    {
        foreach (var encoding in encodings)
        {
            Assert.That(() => decode(encoding), Throws.TypeOf<InvalidEncodingException>(), encoding);
        }
    }

    [Test]
    public void String_WithHalfASurrogatePair_IsRefused()
    {
        foreach (var text in new[] { "\uD800", "a\uDC00b", "\uDC00\uD800", new string('x', 300) + "\uD800" })
        {
            Assert.That(
                () => KeyCodec.Utf8.Encode(text), Throws.ArgumentException.With.Message.Contains("surrogate"));
            Assert.That(() => KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Byte).Encode((text, 1)), Throws.ArgumentException);
        }
    }

    [Test]
    public void Null_IsRefused()
    {
        Assert.That(() => KeyCodec.Utf8.Encode(null!), Throws.ArgumentNullException);
        Assert.That(() => KeyCodec.Bytes.Encode(null!), Throws.ArgumentNullException);
        Assert.That(
            () => KeyCodec.Tuple(KeyCodec.Byte, KeyCodec.Utf8).Encode((1, null!)), Throws.ArgumentNullException);
    }

    [TestCase(DateTimeKind.Local)]
    [TestCase(DateTimeKind.Unspecified)]
    public void UtcDateTime_OfAnotherKind_IsRefused(DateTimeKind kind) => Assert.That(
        () => KeyCodec.UtcDateTime.Encode(new DateTime(2024, 1, 1, 0, 0, 0, kind)), Throws.ArgumentException);

    [Test]
    public void Keys_GiveUpWhatMakesNoDifference_AndValuesKeepIt()
    {
        var local = new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Local);
        var summer = new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(2));
        var nan = BitConverter.UInt64BitsToDouble(0xFFF8_0000_0000_1234);
        Assert.That(
            KeyCodec.DateTime.Decode(KeyCodec.DateTime.Encode(local)).Kind, Is.EqualTo(DateTimeKind.Unspecified));
        Assert.That(ValueCodec.DateTime.Decode(ValueCodec.DateTime.Encode(local)).Kind, Is.EqualTo(DateTimeKind.Local));
        Assert.That(
            KeyCodec.DateTimeOffset.Decode(KeyCodec.DateTimeOffset.Encode(summer)).Offset, Is.EqualTo(TimeSpan.Zero));
        Assert.That(
            ValueCodec.DateTimeOffset.Decode(ValueCodec.DateTimeOffset.Encode(summer)).Offset,
            Is.EqualTo(TimeSpan.FromHours(2)));
        Assert.That(Text(KeyCodec.Decimal.Decode(KeyCodec.Decimal.Encode(1.500m))), Is.EqualTo("1.5"));
        Assert.That(Text(ValueCodec.Decimal.Decode(ValueCodec.Decimal.Encode(1.500m))), Is.EqualTo("1.500"));
        Assert.That(
            BitConverter.DoubleToUInt64Bits(ValueCodec.Double.Decode(ValueCodec.Double.Encode(nan))),
            Is.EqualTo(BitConverter.DoubleToUInt64Bits(nan)));

        static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
    }

    [Test]
    public void ExactInstants_AtTheEdgesOfTime_AreRead()
    {
        foreach (var value in new[]
        {
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            new DateTimeOffset(DateTime.MinValue.AddHours(14), TimeSpan.FromHours(14)),
            new DateTimeOffset(DateTime.MaxValue.AddHours(-14), TimeSpan.FromHours(-14)),
        })
        {
            var read = ValueCodec.DateTimeOffset.Decode(ValueCodec.DateTimeOffset.Encode(value));
            Assert.That(read.EqualsExact(value), $"{value:O}");
        }
    }

    [Test]
    public void Default_OfATypeThatHasOne_IsIt()
    {
        Assert.That(
            new[]
            {
                KeyCodec.Default<bool>().Name, KeyCodec.Default<char>().Name, KeyCodec.Default<sbyte>().Name,
                KeyCodec.Default<byte>().Name, KeyCodec.Default<short>().Name, KeyCodec.Default<ushort>().Name,
                KeyCodec.Default<int>().Name, KeyCodec.Default<uint>().Name, KeyCodec.Default<long>().Name,
                KeyCodec.Default<ulong>().Name, KeyCodec.Default<Int128>().Name, KeyCodec.Default<UInt128>().Name,
                KeyCodec.Default<float>().Name, KeyCodec.Default<double>().Name, KeyCodec.Default<decimal>().Name,
                KeyCodec.Default<DateTime>().Name, KeyCodec.Default<DateTimeOffset>().Name,
                KeyCodec.Default<TimeSpan>().Name, KeyCodec.Default<DateOnly>().Name, KeyCodec.Default<TimeOnly>().Name,
                KeyCodec.Default<Guid>().Name, KeyCodec.Default<string>().Name, KeyCodec.Default<byte[]>().Name,
                KeyCodec.Default<ReadOnlyMemory<byte>>().Name, KeyCodec.Default<Small>().Name,
                KeyCodec.Default<Signed>().Name,
            },
            Is.EqualTo(new[]
            {
                "bool", "char", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "i128", "u128", "f32", "f64",
                "decimal", "datetime", "instant", "timespan", "date", "time", "guid", "utf8", "bytes", "bytes", "u8",
                "i32",
            }));
        Assert.That(
            new[]
            {
                ValueCodec.Default<long>().Name, ValueCodec.Default<float>().Name, ValueCodec.Default<double>().Name,
                ValueCodec.Default<decimal>().Name, ValueCodec.Default<DateTime>().Name,
                ValueCodec.Default<DateTimeOffset>().Name, ValueCodec.Default<string>().Name,
                ValueCodec.Default<Signed>().Name,
            },
            Is.EqualTo(new[]
            {
                "i64", "f32-exact", "f64-exact", "decimal-exact", "datetime-exact", "instant-exact", "utf8", "i32",
            }));
    }

    [Test]
    public void Default_OfATypeThatHasNone_Throws()
    {
        Assert.That(KeyCodec.Default<(int, int)>, Throws.TypeOf<NotSupportedException>());
        Assert.That(KeyCodec.Default<nint>, Throws.TypeOf<NotSupportedException>());
        Assert.That(ValueCodec.Default<Pair>, Throws.TypeOf<NotSupportedException>());
        Assert.That(ValueCodec.Default<object>, Throws.TypeOf<NotSupportedException>());
    }

    [TestCase("")]
    [TestCase("two words")]
    [TestCase("ümlaut")]
    public void Name_ThatIsNoWordOfAscii_IsRefused(string name) => Assert.That(
        () => ValueCodec.Serialized<int>(name, static (_, _) => { }, static _ => 0), Throws.ArgumentException);

    [Test]
    public void Name_ThatIsTooLong_IsRefused()
    {
        var longest = new string('n', ValueCodec.MaxNameLength);
        Assert.That(Serialized(longest).Name, Is.EqualTo(longest));
        Assert.That(() => Serialized(longest + "n"), Throws.ArgumentException);

        static ValueCodec<int> Serialized(string name) =>
            ValueCodec.Serialized<int>(name, static (_, _) => { }, static _ => 0);
    }

    [Test]
    public void As_KeepsBytesAndName()
    {
        var parts = KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32);
        var codec = parts.As((Pair pair) => ("p" + pair.X, pair.Y), static p => new Pair(p.Item1[1] - '0', p.Item2));
        var bytes = codec.Encode(new Pair(3, 4));
        Assert.That(bytes, Is.EqualTo(parts.Encode(("p3", 4))));
        Assert.That(codec.Decode(bytes), Is.EqualTo(new Pair(3, 4)));
        Assert.That((codec.Name, codec.PartCount), Is.EqualTo(("(utf8,i32)", 2)));
    }

    [Test]
    public void Serializer_ThatWritesInPieces_IsReadAsAWhole()
    {
        var codec = ValueCodec.Serialized<int>(
            "pieces",
            static (writer, pieces) =>
            {
                for (var i = 0; i < pieces; i++)
                {
                    writer.GetSpan(100)[..100].Fill((byte)i);
                    writer.Advance(100);
                    writer.Write(new byte[] { 1, 2, 3 });
                }
            },
            static bytes => bytes.Length / 103);
        foreach (var pieces in new[] { 0, 1, 10, 1000, 20_000 })
        {
            var bytes = codec.Encode(pieces);
            Assert.That((bytes.Length, codec.Decode(bytes)), Is.EqualTo((103 * pieces, pieces)));
        }
    }

    private static TestCaseData Bad<T>(ValueCodec<T> codec, params string[] encodings) =>
        new TestCaseData((Func<string, object?>)(hex => codec.Decode(Convert.FromHexString(hex))), encodings)
            .SetName($"{{m}}({codec.Name})");

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Pair(int X, int Y);
}
