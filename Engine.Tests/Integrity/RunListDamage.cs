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
            image.Meta[1215] = 1;
            return null;
        })
        { IsVerified = true },
        Failing("run of no pages", RunListExtent, image => SetRun(image, 0, Run(image, 0).First, 0)),
        Failing("run in the reserved area", RunListExtent, image => SetRun(image, 0, 31, 1)),
        Failing(
            "run beyond the page count",
            RunListExtent,
            image => SetRun(image, image.Meta[57] - 1, LastRun(image).First, 1000)),
        Failing("runs that overlap", RunListExtent, image => SetRun(image, 1, Run(image, 0).First, 1)),
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
            var last = LastRun(image);
            image.Bytes = image.Bytes[..^(image.PageSize * 2)];
            return last.First;
        }, Mending.Nothing),
        Failing("other digest", RunListDigest, image =>
        {
            image.Meta[215] ^= 0x80;
            return null;
        }, Mending.Blocks),
        new("newest meta fails and the other is not the durable one", MetaFallback, image =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.OtherMeta[32..], 7);
            image.Meta[208] ^= 1;
            return null;
        })
        { IsVerified = true, Mends = Mending.Blocks, Also = [RunListDigest] },
        new("page that is born in the commit and not listed", RunListMissing, image =>
        {
            var last = LastRun(image);
            SetRun(image, image.Meta[57] - 1, last.First, last.Pages - 1);
            return last.First + last.Pages - 1;
        })
        { IsVerified = true },
        new("listed page that nothing reaches", RunListExtra, image =>
        {
            var last = image.Meta[57];
            image.Page(32).Clear();
            image.Page(32)[4] = 1;
            image.Set64(32, 8, 32);
            image.Set64(32, 16, 9);
            BinaryPrimitives.WriteUInt32LittleEndian(image.Page(32), ImageChecksums.PageCrc(image.Page(32)));
            for (var i = (int)last; i > 0; i--)
            {
                var run = Run(image, i - 1);
                SetRun(image, i, run.First, run.Pages);
            }

            SetRun(image, 0, 32, 1);
            image.Meta[57]++;
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

    private static (ulong First, uint Pages) LastRun(TestImage image) => Run(image, image.Meta[57] - 1);

    private static (ulong First, uint Pages) Run(TestImage image, int index) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(image.Meta[(256 + 12 * index)..]),
            BinaryPrimitives.ReadUInt32LittleEndian(image.Meta[(264 + 12 * index)..]));

    private static ulong? SetRun(TestImage image, int index, ulong first, uint pages)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(image.Meta[(256 + 12 * index)..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(image.Meta[(264 + 12 * index)..], pages);
        return null;
    }
}
