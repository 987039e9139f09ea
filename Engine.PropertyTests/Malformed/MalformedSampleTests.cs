using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

[TestFixture]
internal sealed class MalformedSampleTests
{
    [Test]
    public void Samples_AreSound_AndHoldWhatTheModelSays()
    {
        foreach (var sample in MalformedSamples.All)
        {
            var report = ImageChecker.Check(sample.Image);
            TestContext.Out.WriteLine(
                $"{sample.Name}: {sample.Image.Length} bytes, {sample.Map.Pages.Length} pages "
                + $"({sample.Map.Branches.Length} branches, {sample.Map.Values.Length} values, "
                + $"{sample.Map.LogPages.Length} log, {sample.Map.CatalogLeaves.Length} catalog leaves, "
                + $"{sample.FreePages.Length} free), meta {sample.Meta.Id} verified {sample.Meta.IsVerified}, depth "
                + $"{sample.Meta.Default.Depth}, head {sample.Meta.LogHead.Length}");
            Assert.That(report.TreesDigest, Is.EqualTo(sample.States[sample.Meta.Id].Digest), sample.Name);
        }
    }

    [Test]
    public void Mender_OfASoundImage_ChangesNothing([Values] bool heads)
    {
        foreach (var sample in MalformedSamples.All)
        {
            var image = sample.Image.ToArray();
            new ChecksumMender().Mend(image, sample.PageSize, heads);
            Assert.That(image.AsSpan().SequenceEqual(sample.Image), sample.Name);
        }
    }

    [Test]
    public void Mender_OfAChangedValue_MakesASoundImage()
    {
        foreach (var sample in MalformedSamples.All.Where(sample => sample.Map.Values.Length > 0))
        {
            var image = sample.Image.ToArray();
            image[(sample.Map.Values[0].Number * sample.PageSize) + 40] ^= 1;
            Assert.That(() => ImageChecker.Check(image), Throws.TypeOf<ImageException>());

            new ChecksumMender().Mend(image, sample.PageSize, heads: false);

            Assert.That(
                ImageChecker.Check(image).TreesDigest, Is.Not.EqualTo(sample.States[sample.Meta.Id].Digest), sample.Name);
        }
    }
}
