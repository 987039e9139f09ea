using System.Text;
using Engine.Pages;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Where a key lies is what docs/replication.md says, so that others can compute it.</summary>
public class ShardFunctionTests
{
    /// <summary>Of the reference implementation of XXH64, with the seed 0.</summary>
    [TestCase("", 0xef46db3751d8e999UL)]
    [TestCase("a", 0xd24ec4f1a98c6e5bUL)]
    [TestCase("abc", 0x44bc2cf5ad770999UL)]
    [TestCase("Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1UL)]
    public void Hash_OfKnownTexts_IsThatOfTheReference(string text, ulong hash) =>
        Assert.That(XxHash64.Hash(Encoding.UTF8.GetBytes(text)), Is.EqualTo(hash));

    [TestCase("whole", "", 1, 409)]
    [TestCase("whole", "ada", 0, 208)]
    [TestCase("whole", "orders/42", 3, 419)]
    [TestCase("whole", "0123456789abcdef0123456789abcdef0", 6, 22)]
    [TestCase("first:3", "ada", 0, 208)]
    [TestCase("first:3", "adam", 0, 208)]
    [TestCase("first:3", "a", 3, 91)]
    [TestCase("until:2f", "ada/1", 0, 208)]
    [TestCase("until:2f", "ada", 0, 208)]
    [TestCase("until:2f", "/ada", 1, 409)]
    public void ShardOf_OfTheDocumentsKeys_IsWhatItSays(string rule, string key, int of8, int of512)
    {
        var bytes = Encoding.UTF8.GetBytes(key);

        Assert.That(LayoutOf(rule, 8).ShardOf(bytes), Is.EqualTo(of8));
        Assert.That(LayoutOf(rule, 512).ShardOf(bytes), Is.EqualTo(of512));
    }

    [TestCase("whole")]
    [TestCase("named")]
    [TestCase("first:1")]
    [TestCase("first:255")]
    [TestCase("until:00")]
    [TestCase("until:ff")]
    public void Layout_AsText_ReadsBack(string rule)
    {
        var layout = LayoutOf(rule, 512);

        Assert.That(ShardLayout.Parse(layout.ToString()), Is.EqualTo(layout));
        Assert.That(layout.Key.ToString(), Is.EqualTo(rule));
    }

    [TestCase("engine-shards 1 6f9619ff-8b86-d011-b42d-00c04fc964ff 8 4096 first:0")]
    [TestCase("engine-shards 1 6f9619ff-8b86-d011-b42d-00c04fc964ff 8 4096 until:2")]
    [TestCase("engine-shards 1 6f9619ff-8b86-d011-b42d-00c04fc964ff 0 4096 whole")]
    [TestCase("engine-shards 1 6f9619ff-8b86-d011-b42d-00c04fc964ff 4097 4096 whole")]
    [TestCase("else")]
    public void Parse_OfWhatIsNoLayout_SaysSo(string text) =>
        Assert.That(() => ShardLayout.Parse(text), Throws.TypeOf<ShardLayoutException>());

    [Test]
    public void Parse_OfANewerVersion_SaysSo() =>
        Assert.That(() => ShardLayout.Parse("engine-shards 2 what ever"), Throws.TypeOf<ReplicaVersionException>());

    /// <summary>Whoever deletes a range in one shard must not leave a key of it in another one.</summary>
    [Property(MaxTest = 2000)]
    public FsCheck.Property TryPartitionOfRange_WhenItSaysYes_IsRightForAllKeysOfTheRange()
    {
        // Few different bytes, so that keys meet: the delimiter is one of them, and the largest byte another one.
        var keys = Gen.Elements<byte>(0, (byte)'/', (byte)'0', byte.MaxValue).ArrayOf()
            .Select(static bytes => bytes.Take(5).ToArray());
        var rules = Gen.Elements(ShardKey.First(1), ShardKey.First(2), ShardKey.Until((byte)'/'), ShardKey.Whole);
        var cases = Gen.Zip(Gen.Zip(keys, keys), Gen.Zip(keys, rules)).ToArbitrary();
        return Prop.ForAll(cases, static one =>
        {
            var ((from, to), (key, rule)) = one;
            return !rule.TryPartitionOfRange(from, to, out var partition)
                || key.AsSpan().SequenceCompareTo(from) < 0
                || key.AsSpan().SequenceCompareTo(to) >= 0
                || rule.PartitionOf(key).SequenceEqual(partition);
        });
    }

    [TestCase("ada/", "ada0", true)]
    [TestCase("ada/1", "ada/7", true)]
    [TestCase("ada/1", "ada/", true)]
    [TestCase("ada/1", "ada1", false)]
    [TestCase("ada", "ada/7", false)]
    public void TryPartitionOfRange_OfRangesWithDelimiters_SaysWhetherTheyAreWithinOne(string from, string to, bool is1)
    {
        var isOne = ShardKey.Until((byte)'/').TryPartitionOfRange(
            Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), out _);

        Assert.That(isOne, Is.EqualTo(is1));
    }

    private static ShardLayout LayoutOf(string rule, int shards)
    {
        Assert.That(ShardKey.TryParse(rule, out var key));
        return new ShardLayout(Guid.Empty, shards, 4096, key);
    }
}
