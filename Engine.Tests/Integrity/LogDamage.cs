using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

/// <summary>Damage to the space log: its chain, its pages and its entries.</summary>
internal static class LogDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("chain longer than the meta says", LogChain, image =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.Meta[204..], 1);
            return image.LogPage(1).Number;
        }),
        new("chain shorter than the meta says", LogChain, image =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.Meta[204..], 3);
            return image.LogPage(0).Number;
        }),
        new("older log page outside", PageBounds, image => Word(image, 1, 32, 4)),
        new("chain in a circle", PageUsedTwice, image =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.Meta[204..], 30);
            Word(image, 0, 32, image.LogPage(1).Number);
            return image.LogPage(1).Number;
        }),
        new("log page before itself", PageUsedTwice, image => Word(image, 1, 32, image.LogPage(1).Number)),
        new("log page that is a leaf", PageKind, image => Byte(image, 1, 4, 1)),
        new("log page with a level", PageLevel, image => Byte(image, 0, 5, 1)),
        new("log page with a skip", PageSkip, image => Byte(image, 0, 6, 1)),
        new("flipped bit in a log page", PageCrc, image => Byte(image, 0, 49, 0xFF)) { Mends = Mending.Nothing },
        new("log page with another number", PageNumber, image => Word(image, 0, 8, 3)),
        new("log page that is younger than the next", PageBirth, image => Word(image, 0, 16, 10)),
        new("log page with flags", PageFlags, image => Byte(image, 0, 28, 1)),
        new("log page with bytes behind the older page's CRC", LogZeros, image => Byte(image, 0, 47, 1)),
        new("log page without entries", LogUsed, image => Byte(image, 1, 24, 0)) { Also = [LogFreeTwice] },
        new("log page with more entries than fit", LogUsed, image => Byte(image, 1, 25, 0x10)) { Also = [LogTag] },
        new("byte behind the entries", LogZeros, image => Byte(image, 0, 511, 1)),
        Head("no group first", LogGroup, (log, hole) => log.Free(hole, 5)),
        Head("group of transaction 0", LogGroup, (log, hole) => log.Group(0).Free(hole, 5)),
        Head("group of a later transaction", LogGroup, (log, hole) => log.Group(10).Free(hole, 5)),
        Head("tag of a pin", LogTag, (log, hole) => log.Group(9).Free(hole, 5).Raw(4, 9)),
        Head("tag of an unpin", LogTag, (log, hole) => log.Group(9).Free(hole, 5).Raw(5, 9)),
        Head("unknown tag", LogTag, (log, hole) => log.Group(9).Free(hole, 5).Raw(6)),
        Head("tag 0", LogTag, (log, hole) => log.Group(9).Free(hole, 5).Raw(0)),
        Head(
            "number of eleven bytes",
            LogNumber,
            (log, hole) => log.Group(9).Raw([2, .. Enumerable.Repeat((byte)0x80, 10), 0])),
        Head(
            "number of 65 bits",
            LogNumber,
            (log, hole) => log.Group(9).Raw([2, .. Enumerable.Repeat((byte)0xFF, 9), 2])),
        Head("entry without an end", LogNumber, (log, hole) => log.Group(9).Raw(2).Number(hole).Number(5)),
        Head("number without an end", LogNumber, (log, hole) => log.Group(9).Raw(3, 0x80)),
        Head("extent of no pages", LogExtent, (log, hole) => log.Group(9).Free(hole, 0)),
        Head("extent in the reserved area", LogExtent, (log, hole) => log.Group(9).Free(31, 2)),
        Head("extent beyond the page count", LogExtent, (log, hole) => log.Group(9).Free(hole, 1000)),
        Head("extent of all pages there could be", LogExtent, (log, hole) => log.Group(9).Free(hole, ulong.MaxValue)),
        Head(
            "allocated extent beyond the page count",
            LogExtent,
            (log, hole) => log.Group(9).Free(hole, 5).Allocate(ulong.MaxValue, 2)),
        Head("freed pages of birth 0", LogBirth, (log, hole) => log.Group(9).Free(hole, 5, 9)),
        Head(
            "freed pages of a birth before birth 0",
            LogBirth,
            (log, hole) => log.Group(9).Free(hole, 5, ulong.MaxValue)),
        Head("page freed twice", LogFreeTwice, (log, hole) => log.Group(9).Free(hole, 5).Free(hole + 4, 1)),
        Head(
            "page allocated that is not free",
            LogAllocateUsed,
            (log, hole) => log.Group(9).Free(hole, 5).Allocate(hole + 5, 1)),
        Head("page allocated twice", LogAllocateUsed, (log, hole) =>
            log.Group(9).Free(hole, 5).Allocate(hole, 2).Allocate(hole + 1, 1).Free(hole, 2)),
        new("wrong entry in a log page", LogTag, image => Byte(image, 1, 48 + 2, 77)),
    ];

    /// <summary>Five pages and a leaf; the entries are those of the log head.</summary>
    private static DamageCase Head(string name, string rule, Action<ImageLog, ulong> write)
    {
        var builder = new ImageBuilder();
        var hole = builder.Hole(5);
        builder.Default.Put("k", "v");
        write(builder.LogHead, hole);
        return new DamageCase(name, rule, _ => null) { Builder = builder };
    }

    private static ulong? Byte(TestImage image, int logPage, int offset, byte value)
    {
        image.Page(image.LogPage(logPage).Number)[offset] = value;
        return image.LogPage(logPage).Number;
    }

    private static ulong? Word(TestImage image, int logPage, int offset, ulong value)
    {
        image.Set64(image.LogPage(logPage).Number, offset, value);
        return image.LogPage(logPage).Number;
    }
}
