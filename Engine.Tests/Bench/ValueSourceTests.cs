using System.IO.Compression;
using Engine.Bench.Data;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class ValueSourceTests
{
    [TestCase(false, 0.0, 0.5)]
    [TestCase(true, 0.95, 1.1)]
    public void Write_OfManyValues_MakesWhatCompressesOnlyIfItIsNotVaried(bool isVaried, double low, double high)
    {
        const int Count = 500;
        ValueSource values = new(100, version: 3, isVaried);
        using MemoryStream compressed = new();
        using (DeflateStream deflate = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] value = values.GetBuffer();
            for (ulong ordinal = 0; ordinal < Count; ordinal++)
            {
                values.Write(ordinal, value);
                deflate.Write(value);
            }
        }

        Assert.That(compressed.Length / (Count * 100.0), Is.InRange(low, high));
    }

    [Test]
    public void Write_OfVariedValues_DependsOnOrdinalAndVersionAlone()
    {
        byte[] first = new byte[40], again = new byte[40], other = new byte[40];
        new ValueSource(40, version: 1, isVaried: true).Write(7, first);
        new ValueSource(40, version: 1, isVaried: true).Write(7, again);
        new ValueSource(40, version: 2, isVaried: true).Write(7, other);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other[8..^8], Is.Not.EqualTo(first[8..^8]));
        Assert.That(ValueSource.IsWhole(first), Is.True);
    }
}
