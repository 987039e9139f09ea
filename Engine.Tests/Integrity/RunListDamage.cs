using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

/// <summary>
/// Damage to verified commits. Where it makes the newest meta fail, the other slot is taken away too: falling back
/// would be right otherwise.
/// </summary>
internal static class RunListDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("digest in an ordered meta", RunListEmpty, image =>
        {
            image.Meta[208] = 1;
            return null;
        }),
        new("byte behind the used runs", RunListUnused, image =>
        {
            image.Meta[1278] = 1;
            return null;
        })
        { IsVerified = true },
        Failing("run of no pages", RunListExtent, image => SetRun(image, 0, image.Runs[0].First, 0)),
        Failing("run in the reserved area", RunListExtent, image => SetRun(image, 0, 31, 1)),
        Failing(
            "run beyond the page count",
            RunListExtent,
            image => SetRun(image, image.Runs.Count - 1, image.Runs[^1].First, 1000)),
        Failing("runs that overlap", RunListExtent, image => SetRun(image, 1, image.Runs[0].First, 1)),
        Failing("listed page that is another one", RunListItem, image =>
        {
            var page = Born(image);
            image.Set64(page, 8, page + 1);
            return page;
        }),
        Failing("listed page of another birth", RunListItem, image =>
        {
            var page = Born(image);
            image.Set64(page, 16, 8);
            return page;
        }),
        Failing("listed page that was torn", RunListItem, image =>
        {
            var page = Born(image);
            image.Page(page)[^1] ^= 1;
            return page;
        }, Mending.Blocks),
        Failing("listed run that ends outside its extent", RunListItem, image =>
        {
            var run = image.Pages.First(page => page.Kind == 3 && page.Birth == 9);
            image.Set32(run.Number, 24, 1_000_000);
            return run.Number;
        }),
        Failing("listed page beyond the end of the file", RunListItem, image =>
        {
            var last = image.Runs[^1];
            image.Bytes = image.Bytes[..^(image.PageSize * 2)];
            return last.First;
        }, Mending.Nothing),
        Failing("other digest", RunListDigest, image =>
        {
            image.Meta[215] ^= 0x80;
            return null;
        }, Mending.Blocks),
        Failing("run list that ends too early", RunListNumber, image =>
        {
            image.Meta[248]--;
            return null;
        }, Mending.Blocks),
        Failing("run list with a byte behind its runs", RunListNumber, image =>
        {
            image.Meta[256 + image.Meta[248]++] = 7;
            return null;
        }, Mending.Blocks),
        Failing("run list with a number of 65 bits", RunListNumber, image =>
        {
            image.Meta[256..265].Fill(0xFF);
            image.Meta[265] = 2;
            return null;
        }, Mending.Blocks),
        OfListRun("list run with a flipped bit", image => image.List[1] ^= 1, Mending.Blocks),
        OfListRun("list run that was torn", image => image.List[0] ^= 1, Mending.Blocks),
        OfListRun("list run with another page number", image => image.Set64(image.ListRun!.Number, 8, 7)),
        OfListRun("list run with another birth", image => image.Set64(image.ListRun!.Number, 16, 8)),
        OfListRun("list run with another length", image => image.Set32(image.ListRun!.Number, 24, 7)),
        OfListRun("list run that is a leaf", image => image.Page(image.ListRun!.Number)[4] = 1),
        new("list run of an ordered meta with a flipped bit", PageCrc, image =>
        {
            image.List[^1] ^= 1;
            return image.ListRun!.Number;
        })
        { Builder = WithListRun(isVerified: false), Mends = Mending.Blocks },
        new("list run of an ordered meta that is not named", PageLeaked, image =>
        {
            var page = image.ListRun!.Number;
            image.Meta[224..248].Clear();
            return page;
        })
        { Builder = WithListRun(isVerified: false), Mends = Mending.Blocks },
        new("list run of an ordered meta that is free", PageUsedAndFree, image =>
        {
            var page = image.ListRun!.Number;
            byte[] log = new ImageLog().Group(9).Free(page, 1).ToArray();
            image.Meta[58] = (byte)log.Length;
            log.CopyTo(image.Meta[1280..]);
            return page;
        })
        { Builder = WithListRun(isVerified: false) },
        new("newest meta fails and the other is not the durable one", MetaFallback, image =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.OtherMeta[32..], 7);
            image.Meta[208] ^= 1;
            return null;
        })
        { IsVerified = true, Mends = Mending.Blocks, Also = [RunListDigest] },
        new("page that is born in the commit and not listed", RunListMissing, image =>
        {
            var last = image.Runs[^1];
            SetRun(image, image.Runs.Count - 1, last.First, last.Pages - 1);
            return last.First + last.Pages - 1;
        })
        { IsVerified = true },
        new("listed page that nothing reaches", RunListExtra, image =>
        {
            image.Page(32).Clear();
            image.Page(32)[4] = 1;
            image.Set64(32, 8, 32);
            image.Set64(32, 16, 9);
            BinaryPrimitives.WriteUInt32LittleEndian(image.Page(32), ImageChecksums.PageCrc(image.Page(32)));
            image.Runs = [(32, 1), .. image.Runs];
            return 32;
        })
        { IsVerified = true },
    ];

    /// <summary>A damage that makes the newest meta fail, in a file without another one.</summary>
    private static DamageCase Failing(
        string name, string rule, Func<TestImage, ulong?> damage, Mending mends = Mending.Everything) =>
        new(name, rule, image =>
        {
            var page = damage(image);
            image.OtherMeta.Clear();
            return page;
        })
        { IsVerified = true, Mends = mends, Also = [MetaFallback] };

    private static ulong Born(TestImage image) => image.Pages.First(page => page.Birth == 9 && page.Kind == 1).Number;

    /// <summary>A damage to the list run of the newest meta, in a file without another one.</summary>
    private static DamageCase OfListRun(
        string name, Action<TestImage> damage, Mending mends = Mending.Everything) =>
        new(name, ListRun, image =>
        {
            damage(image);
            image.OtherMeta.Clear();
            return image.ListRun!.Number;
        })
        { Builder = WithListRun(isVerified: true), Mends = mends, Also = [MetaFallback] };

    private static ImageBuilder WithListRun(bool isVerified)
    {
        var builder = new ImageBuilder
        {
            IsVerified = isVerified,
            OldestBirth = 7,
            ListRunBirth = isVerified ? 9UL : 8,
        };
        builder.Default.Fill(100);
        return builder;
    }

    private static ulong? SetRun(TestImage image, int index, ulong first, ulong pages)
    {
        var runs = image.Runs;
        runs[index] = (first, pages);
        image.Runs = runs;
        return null;
    }
}
