using System.Buffers.Binary;
using Engine.Cli.Making;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Copying;

/// <summary>What copies, imports and salvages are made with.</summary>
internal sealed class TreeFillerTests : CliFixture
{
    private const int Count = 20_000;

    private string Path => InFolder("filled.db");

    private BulkLoadOptions SmallMemory => new() { SortMemory = 64 * 1024, TempDirectory = Folder };

    [Test]
    public void AnyOrder_FillsThePages([Values("ascending", "descending", "shuffled")] string order)
    {
        using (TreeFiller filler = TreeFiller.Create(Path, 4096, SmallMemory))
        {
            foreach (string tree in (string[])["", "other"])
            {
                filler.Enter(tree);
                foreach (int number in Numbers(order))
                    filler.Put(Key(number), Value(number));
            }

            filler.Finish();
        }

        Assert.That(OpenSortFiles.In(Folder), Is.Zero);
        using Database database = Database.Open(Path);
        Assert.That(database.Check().IsOk);
        using ReadTransaction read = database.BeginRead();
        foreach (Tree tree in (Tree[])[database.Main, database.GetTree("other")])
        {
            // A cell has 4 bytes of lengths and 6 of slot; the header has 32.
            const int PerPage = (4096 - 32) / (4 + 16 + 4 + 6);
            Assert.That(read[tree].GetStatistics().Entries, Is.EqualTo(Count));
            Assert.That(read[tree].GetStatistics().LeafPages, Is.InRange(Count / PerPage, Count / PerPage + 3));
            for (int number = 0; number < Count; number += 501)
                Assert.That(read[tree].Get(Key(number)), Is.EqualTo(Value(number)));
        }
    }

    [Test]
    public void WhatWasPut_IsThereForWhatIsTried()
    {
        using (TreeFiller filler = TreeFiller.Create(Path, 4096))
        {
            filler.Enter("");
            filler.Put(Key(2), "put"u8);
            filler.Put(Key(1), "put"u8);
            Assert.That(filler.TryAdd(Key(1), "tried"u8), Is.False);
            Assert.That(filler.TryAdd(Key(3), "tried"u8));
            filler.Put(Key(0), "put"u8);
            filler.Finish();
        }

        using Database database = Database.Open(Path);
        using ReadTransaction read = database.BeginRead();
        Assert.That(read.Main.Count, Is.EqualTo(4));
        Assert.That(read.Main.Get(Key(1)), Is.EqualTo("put"u8.ToArray()));
    }

    [Test]
    public void Finish_WhenItIsCancelled_StopsPuttingAndLeavesNoTemporaryFile()
    {
        using var cancellation = new CancellationTokenSource();
        using (TreeFiller filler = TreeFiller.Create(Path, 4096, SmallMemory, cancellation.Token))
        {
            filler.Enter("");
            foreach (int number in Numbers("descending"))
                filler.Put(Key(number), Value(number));
            Assert.That(OpenSortFiles.In(Folder), Is.EqualTo(1), "there was more than the memory holds");
            cancellation.Cancel();
            Assert.Throws<OperationCanceledException>(filler.Finish);
        }

        Assert.That(OpenSortFiles.In(Folder), Is.Zero);
    }

    private static int[] Numbers(string order)
    {
        int[] numbers = [.. Enumerable.Range(0, Count)];
        if (order == "descending")
            Array.Reverse(numbers);
        else if (order == "shuffled")
            new Random(1).Shuffle(numbers);
        return numbers;
    }

    private static byte[] Key(int number)
    {
        byte[] key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    private static byte[] Value(int number) => [.. Enumerable.Repeat((byte)number, 16)];
}
