using Engine.Tests.Infrastructure;
using FsCheck;
using FsCheck.Fluent;
using static Engine.PropertyTests.Codecs.CodecGenerators;

namespace Engine.PropertyTests.Codecs;

/// <summary>
/// Of every codec of keys: the order of encodings is the order of values; what is decoded is equal; as a part of a
/// tuple no encoding is the beginning of another one.
/// </summary>
public class KeyCodecTests
{
    private const int Tests = 2000;

    [Test]
    public void Integers_AreOrderedAsTheyAre()
    {
        Check(KeyCodec.SByte, Bits.Select(static bits => (sbyte)bits));
        Check(KeyCodec.Byte, Bits.Select(static bits => (byte)bits));
        Check(KeyCodec.Int16, Bits.Select(static bits => (short)bits));
        Check(KeyCodec.UInt16, Bits.Select(static bits => (ushort)bits));
        Check(KeyCodec.Int32, Bits.Select(static bits => (int)bits));
        Check(KeyCodec.UInt32, Bits.Select(static bits => (uint)bits));
        Check(KeyCodec.Int64, Bits.Select(static bits => (long)bits));
        Check(KeyCodec.UInt64, Bits);
        Check(KeyCodec.Int128, Bits128.Select(static bits => (Int128)bits));
        Check(KeyCodec.UInt128, Bits128);
        Check(KeyCodec.Char, Bits.Select(static bits => (char)bits));
        Check(KeyCodec.Boolean, Bits.Select(static bits => (bits & 1) != 0));
        Check(
            KeyCodec.Enum<DayOfWeek>(),
            Bits.Select(static bits => (DayOfWeek)(int)bits),
            static (x, y) => x.CompareTo(y));
    }

    [Test]
    public void FloatingPointNumbers_AreOrderedAsTheyAre()
    {
        Check(KeyCodec.Double, Doubles);
        Check(
            KeyCodec.Single,
            Gen.OneOf(
                Doubles.Select(static value => (float)value),
                Bits.Select(static bits => BitConverter.UInt32BitsToSingle((uint)bits))));
    }

    [Test]
    public void Decimals_AreOrderedAsTheyAre() => Check(KeyCodec.Decimal, Decimals);

    [Test]
    public void Times_AreOrderedAsTheyAre()
    {
        Check(KeyCodec.DateTime, Ticks.Select(static ticks => new DateTime(ticks)));
        Check(KeyCodec.UtcDateTime, Ticks.Select(static ticks => new DateTime(ticks, DateTimeKind.Utc)));
        Check(
            KeyCodec.DateTimeOffset,
            Ticks.SelectMany(static ticks => Gen.Choose(-14, 14).Select(hours => Instant(ticks, hours))));
        Check(KeyCodec.TimeSpan, Bits.Select(static bits => new TimeSpan((long)bits)));
        Check(
            KeyCodec.DateOnly, Ticks.Select(static ticks => DateOnly.FromDateTime(new DateTime(ticks))));
        Check(KeyCodec.TimeOnly, Ticks.Select(static ticks => new TimeOnly(ticks % TimeSpan.TicksPerDay)));
    }

    [Test]
    public void Guids_AreOrderedAsTheyAre() => Check(KeyCodec.Guid, Bits128.Select(static bits =>
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new Guid(bytes, bigEndian: true);
    }));

    [Test]
    public void Strings_AreOrderedByCodePoints() => Check(KeyCodec.Utf8, Strings, CompareText);

    [Test]
    public void Bytes_AreOrderedByBytes()
    {
        Check(KeyCodec.Bytes, Bytes, CompareBytes);
        Check(
            KeyCodec.Memory,
            Bytes.Select(static bytes => (ReadOnlyMemory<byte>)bytes),
            static (x, y) => x.Span.SequenceCompareTo(y.Span));
    }

    [Test]
    public void Tuples_AreOrderedByTheirParts()
    {
        Check(
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32),
            Strings.Zip(Bits.Select(static bits => (int)bits), static (x, y) => (x, y)),
            static (x, y) => First(CompareText(x.Item1, y.Item1), x.Item2.CompareTo(y.Item2)));
        Check(
            KeyCodec.Tuple(KeyCodec.Bytes, KeyCodec.Utf8, KeyCodec.Bytes),
            Bytes.SelectMany(static x => Strings.Zip(Bytes, (y, z) => (x, y, z))),
            static (x, y) => First(
                CompareBytes(x.Item1, y.Item1), CompareText(x.Item2, y.Item2), CompareBytes(x.Item3, y.Item3)));
        Check(
            KeyCodec.Tuple(
                KeyCodec.Byte, KeyCodec.Tuple(KeyCodec.Bytes, KeyCodec.Byte), KeyCodec.Bytes, KeyCodec.Boolean),
            Bytes.SelectMany(
                static x => Bytes.Zip(Bits, (y, bits) => ((byte)(bits >> 62), (x, (byte)bits), y, bits % 3 == 0))),
            static (x, y) => First(
                x.Item1.CompareTo(y.Item1),
                CompareBytes(x.Item2.Item1, y.Item2.Item1),
                x.Item2.Item2.CompareTo(y.Item2.Item2),
                CompareBytes(x.Item3, y.Item3),
                x.Item4.CompareTo(y.Item4)));
    }

    [Test]
    public void FirstParts_AreAPrefix_OfTheKeysThatHaveThem_AndOfNoOthers()
    {
        var codec = KeyCodec.Tuple(KeyCodec.Bytes, KeyCodec.Bytes, KeyCodec.Byte);
        var keys = Bytes.SelectMany(static x => Bytes.Zip(Bits, (y, bits) => (x, y, (byte)bits)));
        ForAllPairs(keys, (key, other) =>
        {
            for (var parts = 1; parts <= 3; parts++)
            {
                var isSame = key.x.AsSpan().SequenceEqual(other.x)
                    && (parts < 2 || key.y.AsSpan().SequenceEqual(other.y)) && (parts < 3 || key.Item3 == other.Item3);
                var prefix = codec.EncodeFirst(key, parts, default);
                Assert.That(codec.Encode(other).AsSpan().StartsWith(prefix), Is.EqualTo(isSame), $"{parts}");
            }
        });
    }

    [Test]
    public void AnyBytes_AreDecoded_OrRefusedAsNoEncoding()
    {
        Refuse(KeyCodec.Int64);
        Refuse(KeyCodec.Double);
        Refuse(KeyCodec.Single);
        Refuse(KeyCodec.Decimal);
        Refuse(KeyCodec.DateTime);
        Refuse(KeyCodec.DateOnly);
        Refuse(KeyCodec.TimeOnly);
        Refuse(KeyCodec.Boolean);
        Refuse(KeyCodec.Guid);
        Refuse(KeyCodec.Utf8);
        Refuse(KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Byte));
        Refuse(KeyCodec.Tuple(KeyCodec.Byte, KeyCodec.Bytes));
        Refuse(ValueCodec.Decimal);
        Refuse(ValueCodec.DateTime);
        Refuse(ValueCodec.DateTimeOffset);
    }

    /// <summary>What is decoded at all is encoded as the same bytes: no two keys of a tree are read as one.</summary>
    private static void Refuse<T>(ValueCodec<T> codec)
    {
        var encodings = Gen.Choose(0, 20).SelectMany(static length => Gen.OneOf(
            Gen.Choose(0, 255).Select(static value => (byte)value),
            Gen.Elements((byte)0, (byte)0x80, (byte)255)).ArrayOf(length));
        ForAllPairs(encodings, (bytes, _) =>
        {
            T value;
            try
            {
                value = codec.Decode(bytes);
            }
            catch (InvalidEncodingException)
            {
                return;
            }

            Assert.That(codec.Encode(value), Is.EqualTo(bytes), codec.Name);
        });
    }

    private static void Check<T, TCodec>(KeyCodec<T, TCodec> codec, Gen<T> values)
        where T : IComparable<T>
        where TCodec : IKeyCodec<T> => Check(codec, values, static (x, y) => x.CompareTo(y));

    private static void Check<T, TCodec>(KeyCodec<T, TCodec> codec, Gen<T> values, Comparison<T> order)
        where TCodec : IKeyCodec<T>
    {
        var part = KeyCodec.Tuple(codec, KeyCodec.Byte);
        ForAllPairs(values, (x, y) =>
        {
            var (first, second) = (codec.Encode(x), codec.Encode(y));
            var expected = Math.Sign(order(x, y));
            Assert.That(Math.Sign(first.AsSpan().SequenceCompareTo(second)), Is.EqualTo(expected), codec.Name);
            Assert.That(order(codec.Decode(first), x), Is.Zero, codec.Name);

            // As parts, behind which anything may follow.
            var left = part.EncodeFirst((x, 0), 1, default);
            var right = part.EncodeFirst((y, 0), 1, default);
            Assert.That(Math.Sign(left.SequenceCompareTo(right)), Is.EqualTo(expected), codec.Name);
            Assert.That(left.StartsWith(right), Is.EqualTo(expected == 0), codec.Name);
            Assert.That(order(part.Decode(part.Encode((x, 255))).Item1, x), Is.Zero, codec.Name);
        });
    }

    private static void ForAllPairs<T>(Gen<T> values, Action<T, T> check) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Tests).WithQuietOnSuccess(true),
        Prop.ForAll(
            Gen.OneOf(values.Zip(values, static (x, y) => (x, y)), values.Select(static x => (x, x))).ToArbitrary(),
            pair =>
            {
                check(pair.Item1, pair.Item2);
                return true;
            }));

    private static DateTimeOffset Instant(long ticks, int hours)
    {
        var local = Math.Clamp(ticks + (hours * TimeSpan.TicksPerHour), 0, DateTime.MaxValue.Ticks);
        var isPossible = local - (hours * TimeSpan.TicksPerHour) is >= 0 and var utc && utc <= DateTime.MaxValue.Ticks;
        return isPossible
            ? new DateTimeOffset(local, TimeSpan.FromHours(hours))
            : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private static int CompareBytes(byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y);

    private static int First(params ReadOnlySpan<int> orders)
    {
        foreach (var order in orders)
        {
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }
}
