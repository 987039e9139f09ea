using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;

namespace Engine.Tests.Integrity;

/// <summary>Damage to named snapshots: what the log says of them, their entries, and their pages.</summary>
internal static class SnapshotDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        Log("snapshot without a pin", SnapshotPins, static log => log),
        new("feature of named snapshots without any", SnapshotPins, static _ => null)
        {
            Builder = new ImageBuilder { HasNames = true },
        },
        Log("snapshot with two pins", SnapshotPins, static log => log.Pin(5).Pin(5)),
        Log("snapshot whose pin is of another state", SnapshotPins, static log => log.Pin(4)),
        Log("pin that no name has", SnapshotPins, static log => log.Pin(5).Pin(7)),
        Log("unpin without a pin", LogUnpin, static log => log.Unpin(4).Pin(5)),
        Log("unpin before its pin", LogUnpin, static log => log.Unpin(5).Pin(5)),
        Log("pin of state 0", LogPin, static log => log.Pin(5).Pin(0), SnapshotPins),
        Log("pin of a state after its group", LogPin, static log => log.Pin(5).Group(6).Pin(7), SnapshotPins),
        Log("pin without an end", LogNumber, static log => log.Pin(5).Raw(4, 0x80)),
        Freed("page of a snapshot that can be reused", static page => (9, page.Birth == 5 ? 0UL : 5)),
        Freed("page of a snapshot that was freed before it", static page => (5, 5 - page.Birth)),
        Freed("page of a snapshot that was written after it", static page => (9, 3)),
        Freed("page of a snapshot that was written after its birth", static page => (9, 4), isOfLeaf: true),
        Freed("page of a snapshot that nothing knows", static page => (0, 0), also: PageLeaked),
        Entry("snapshot of a kind that is unknown", static entry => entry[16] = 2),
        Entry("snapshot with a flag that is unknown", static entry => entry[17] = 2),
        Entry("byte behind the flags of a snapshot", static entry => entry[23] = 1),
        Entry("snapshot of a time after all times", static entry => entry[15] = 0x7F),
        Entry("snapshot of state 0", static entry => entry[0] = 0, SnapshotPins),
        Entry("snapshot of a later state", static entry => entry[0] = 9, SnapshotPins),
        Entry("snapshot of too few pages", static entry => Word(entry, 24, 31)),
        Entry("snapshot without a next tree id", static entry => Word(entry, 32, 1)),
        Entry("snapshot whose default tree has a tree id", static entry => Word(entry, 40 + 48, 2)),
        Entry("snapshot whose root lies outside", static entry => Word(entry, 40, 5)),
        Entry("snapshot whose catalog has depth and no root", static entry => entry[104 + 12] = 1),
        Entry("own snapshot with roots", static entry => entry[17] = 1),
        Own("own snapshot of an older state", 8),
        Value("snapshot of 167 bytes", static value => value[..167]),
        Value("snapshot of 169 bytes", static value => [.. value, 0]),
        new("two names of one state with other roots", SnapshotEntry, static image => Names(image).Number)
        {
            Builder = TwoRoots(),
        },
        Entry("tree of a snapshot with other entries", static entry => Word(entry, 40 + 16, 19), TreeEntries),
        Entry("snapshot whose default tree changed later", static entry => entry[40 + 56] = 6, TreeChanged),
        new("page of a snapshot that is younger than it", PageBirth, static image =>
        {
            image.Set64(image.Leaf(ImageSnapshot.DefaultTree).Number, 16, 6);
            return image.Leaf(ImageSnapshot.DefaultTree).Number;
        })
        {
            Builder = Named(),
        },
        new("flipped bit in a page of a snapshot", PageCrc, static image =>
        {
            image.Page(image.Leaf(ImageSnapshot.DefaultTree).Number)[500] ^= 1;
            return image.Leaf(ImageSnapshot.DefaultTree).Number;
        })
        {
            Builder = Named(),
            Mends = DamageCase.Mending.Nothing,
        },
        new("page of a snapshot that is another one of the newest state", PageKind, static image =>
        {
            var (names, leaf, root) = (Names(image), image.Leaf(), image.Root(ImageSnapshot.DefaultTree));
            image.Set64(names.Number, image.ValueOffset(names, 0) + 40, leaf.Number);
            leaf.MoreHolders.Add((names.Number, image.ValueOffset(names, 0) + 48));

            // Nothing leads to the former root any more, so what it holds does not matter.
            (root.Holder, root.HolderOffset) = (root.Number, 40);
            return leaf.Number;
        })
        {
            Builder = Named(),
        },
    ];

    /// <summary>A small database with a snapshot of state 5, whose default tree has two levels.</summary>
    public static ImageBuilder Named(bool isVerified = false)
    {
        var builder = new ImageBuilder { IsVerified = isVerified };
        builder.Default.Fill(3);
        var snapshot = builder.Snapshot(new ImageSnapshot(5), "old");
        snapshot.Default.Fanout = 10;
        snapshot.Default.Fill(20);
        return builder;
    }

    private static ImagePage Names(TestImage image) => image.Leaf(ImageSnapshot.Tree);

    private static void Word(Span<byte> entry, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(entry[offset..], value);

    /// <summary>The pages are freed as they are to be; what follows is other than the one pin.</summary>
    private static DamageCase Log(string name, string rule, Func<ImageLog, ImageLog> write, params string[] also)
    {
        var builder = Named();
        builder.SnapshotLog = (log, snapshot) =>
        {
            log.Group(9);
            snapshot.Pages.ForEach(page => log.Free(page.Number, (ulong)page.Length, 9 - page.Birth));
            write(log);
        };
        return new DamageCase(name, rule, static _ => null) { Builder = builder, Also = also };
    }

    /// <summary>The pages are freed in other transactions, and of other ages; in none if that is 0.</summary>
    private static DamageCase Freed(
        string name, Func<ImagePage, (ulong Group, ulong Age)> how, bool isOfLeaf = false, params string[] also)
    {
        var builder = Named();
        builder.SnapshotLog = (log, snapshot) =>
        {
            foreach (var page in snapshot.Pages)
            {
                var (group, age) = how(page);
                if (group != 0)
                    log.Group(group).Free(page.Number, (ulong)page.Length, age);
            }

            log.Group(9).Pin(5);
        };
        return new DamageCase(name, SnapshotPage, image => isOfLeaf
            ? image.Leaf(ImageSnapshot.DefaultTree, 1).Number
            : image.Root(ImageSnapshot.DefaultTree).Number)
        {
            Builder = builder,
            Also = also,
        };
    }

    private delegate void EntryDamage(Span<byte> entry);

    private static DamageCase Entry(string name, EntryDamage damage, params string[] also)
    {
        var isOfTree = also is [TreeEntries or TreeChanged];
        return new DamageCase(name, isOfTree ? also[0] : SnapshotEntry, image =>
        {
            var names = Names(image);
            damage(image.Page(names.Number)[image.ValueOffset(names, 0)..]);
            return isOfTree ? null : names.Number;
        })
        {
            Builder = Named(),
            Also = also,
        };
    }

    private static DamageCase Value(string name, Func<byte[], byte[]> change)
    {
        var builder = new ImageBuilder { HasNames = true };
        builder.Tree(ImageSnapshot.Tree).Put("old"u8.ToArray(), change(new ImageSnapshot(5).Entry));
        builder.LogHead.Group(9).Pin(5);
        return new DamageCase(name, SnapshotEntry, static image => Names(image).Number)
        {
            Builder = builder,
            Also = [SnapshotPins],
        };
    }

    private static DamageCase Own(string name, ulong id)
    {
        var builder = new ImageBuilder();
        builder.Snapshot(new ImageSnapshot(id) { IsOwn = true }, "own");
        return new DamageCase(name, SnapshotEntry, static image => Names(image).Number) { Builder = builder };
    }

    private static ImageBuilder TwoRoots()
    {
        var builder = new ImageBuilder();
        builder.Snapshot(new ImageSnapshot(5), "a");
        builder.Snapshot(new ImageSnapshot(5), "b").Default.Fill(3);
        return builder;
    }
}
