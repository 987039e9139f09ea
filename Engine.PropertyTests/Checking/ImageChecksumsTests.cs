using System.Text;

namespace Engine.PropertyTests.Checking;

[TestFixture]
public class ImageChecksumsTests
{
    [Test]
    public void Crc32C_OfTheCheckString_IsThatOfTheFormatDocument() =>
        Assert.That(ImageChecksums.Crc32C("123456789"u8), Is.EqualTo(0xE3069283));

    [TestCase("", 0xEF46DB3751D8E999UL)]
    [TestCase("a", 0xD24EC4F1A98C6E5BUL)]
    [TestCase("abc", 0x44BC2CF5AD770999UL)]
    [TestCase("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1UL)]
    public void XxHash64_OfPublishedVectors_IsTheirs(string text, ulong expected) =>
        Assert.That(ImageChecksums.XxHash64(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [Test]
    public void PageCrc_ForAnyCrcField_IsTheSame()
    {
        var page = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var crc = ImageChecksums.PageCrc(page);
        page[0] = page[1] = page[2] = page[3] = 0xEE;
        Assert.That(ImageChecksums.PageCrc(page), Is.EqualTo(crc));
        page[4] ^= 1;
        Assert.That(ImageChecksums.PageCrc(page), Is.Not.EqualTo(crc));
    }
}
