using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>What the mask of a meta is for: no sector of a meta can stand for one of another meta.</summary>
public class MetaMaskTests
{
    private const int Sector = 512;

    private static readonly Superblock File = new(4096, new Guid("0123456789abcdef"u8));

    [TestCase(1UL, "", 0xFA9D65E76F024466UL, 0x3CD4819F59BEF36CUL, 0x42AF1D0C665A4BC8UL)]
    [TestCase(9UL, "0123456789abcdef", 0xA0CA363F1B5A10C3UL, 0x4ECC08B144FA7AA3UL, 0xC200ADE08215F6C3UL)]
    public void Mask_OfZeros_IsThatOfTheDocument(ulong id, string fileId, ulong first, ulong second, ulong last)
    {
        var block = new byte[4096];
        System.Text.Encoding.ASCII.GetBytes(fileId, block.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(32), id);
        MetaMask.Apply(block);
        Assert.That(
            (Word(block, 512), Word(block, 520), Word(block, 4080)), Is.EqualTo((first, second, last)));
        Assert.That(Word(block, 504), Is.Zero, "the first sector is not masked");
        Assert.That(Word(block, 4088), Is.Zero, "nor is the checksum");
    }

    [Test]
    public void Meta_WrittenAndRead_IsTheSame()
    {
        var meta = Meta(7);
        var again = Engine.Pages.Meta.TryRead(Block(meta), File)!;
        Assert.That(again.LogHead.Span.SequenceEqual(meta.LogHead.Span));
        Assert.That(again.InlineRuns.Span.SequenceEqual(meta.InlineRuns.Span));
        Assert.That((again.Id, again.RunCount, again.Digest), Is.EqualTo((7UL, meta.RunCount, meta.Digest)));
    }

    [Test]
    public void Sectors_OfMetasThatSayTheSame_AllDiffer()
    {
        for (var id = 1UL; id < 2000; id++)
        {
            byte[] one = Block(Meta(id)), two = Block(Meta(id + 1));
            for (var sector = 1; sector < 8; sector++)
            {
                Assert.That(
                    one.AsSpan(sector * Sector, Sector).SequenceEqual(two.AsSpan(sector * Sector, Sector)), Is.False);
            }
        }
    }

    [Test]
    public void Mixtures_OfSectorsOfTwoMetas_HaveAWrongChecksum()
    {
        byte[] one = Block(Meta(41)), two = Block(Meta(42)), mixed = new byte[4096];
        for (var mixture = 1; mixture < 255; mixture++)
        {
            for (var sector = 0; sector < 8; sector++)
            {
                var from = (mixture >> sector & 1) == 0 ? one : two;
                from.AsSpan(sector * Sector, Sector).CopyTo(mixed.AsSpan(sector * Sector));
            }

            Assert.That(Engine.Pages.Meta.HasRightChecksum(mixed), Is.False, $"mixture {mixture:b8}");
        }
    }

    private static ulong Word(byte[] block, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(offset));

    private static Meta Meta(ulong id) => Engine.Pages.Meta.Initial(4096) with
    {
        Id = id,
        DurableId = 1,
        PageCount = 100,
        Class = CommitClass.Verified,
        RunCount = 1,
        InlineRuns = new byte[] { 5, 6 },
        Digest = 77,
        LogHead = new byte[] { 1, 1, 3, 20, 1 },
    };

    private static byte[] Block(Meta meta)
    {
        var block = new byte[4096];
        meta.Write(block, File);
        return block;
    }
}
