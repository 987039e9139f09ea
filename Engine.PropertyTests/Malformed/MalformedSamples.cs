using System.Buffers.Binary;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// The sound images that everything starts from: small, and together with every feature of the format.
/// </summary>
internal static class MalformedSamples
{
    private static readonly Lazy<MalformedSample[]> Made = new(
        static () =>
        [
            Mixed("mixed-256", 256, false), Mixed("mixed-512-ordered", 512, true), Logged(), Deep(), Plain(), Empty(),
            Tiny(), Pairs(), Named()
        ]);

    public static MalformedSample[] All => Made.Value;

    /// <summary>Named trees, overflow values, free pages, two metas, the newer one verified (or ordered).</summary>
    private static MalformedSample Mixed(string name, int pageSize, bool isOrdered)
    {
        using var recorder = new SampleRecorder(pageSize);
        for (var round = 0; round < 4; round++)
        {
            recorder.Commit(isOrdered && round == 3, Round(round, pageSize));
        }

        return recorder.Finish(name, "beta");
    }

    private static IEnumerable<(string Tree, byte[] Key, byte[]? Value)> Round(int round, int pageSize)
    {
        for (var i = 0; i < 22; i++)
        {
            var length = i % 9 == 0 ? 2 * pageSize : 6 + (i % 4 * 9);
            yield return ("", SampleRecorder.Key($"key-{(i * 7) + round:D3}"), SampleRecorder.Value(length, i + round));
            if (i % 2 == round % 2)
            {
                yield return (
                    "beta",
                    SampleRecorder.Key($"b{i * (round + 1):D2}"),
                    SampleRecorder.Value(i % 11 == 0 ? pageSize : 12, i));
            }
        }

        yield return ("", SampleRecorder.Key($"key-{7 + round:D3}"), null);
        yield return ($"gamma{round}", SampleRecorder.Key("one"), SampleRecorder.Value(5, round));
    }

    /// <summary>
    /// As the first one, its space log moved into a chain of pages by hand: the engine makes a chain only when far more
    /// pages are free.
    /// </summary>
    private static MalformedSample Logged() => MoveLog(Mixed("logged-256", 256, true));

    private static MalformedSample MoveLog(MalformedSample sample)
    {
        byte[] image = [.. sample.Image, .. new byte[2 * sample.PageSize]];
        var meta = image.AsSpan((1 + sample.Meta.Slot) * ImageLayout.BlockSize, ImageLayout.BlockSize);
        MetaImageMask.Toggle(meta);
        var entries = sample.Meta.LogHead;
        var parts = LogEntryCutter.Cut(entries, 3);
        var pages = (long)sample.Meta.PageCount;
        long[] chain = [pages + 1, pages];
        long previous = 0;
        uint crc = 0;
        for (var i = 0; i < 2; i++)
        {
            var page = image.AsSpan((int)(chain[i] * sample.PageSize), sample.PageSize);
            page.Clear();
            page[4] = 4;
            BinaryPrimitives.WriteInt64LittleEndian(page[8..], chain[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(page[16..], sample.Meta.Id - 1);
            BinaryPrimitives.WriteInt32LittleEndian(page[24..], parts[i].Length);
            BinaryPrimitives.WriteInt64LittleEndian(page[32..], previous);
            BinaryPrimitives.WriteUInt32LittleEndian(page[40..], crc);
            parts[i].CopyTo(page[ImageLayout.LogBody..]);
            crc = ImageChecksums.PageCrc(page);
            BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
            previous = chain[i];
        }

        var head = parts[2];
        BinaryPrimitives.WriteInt64LittleEndian(meta[48..], pages + 2);
        meta[ImageLayout.MetaLogHead..ImageLayout.ChecksumOffset].Clear();
        head.CopyTo(meta[ImageLayout.MetaLogHead..]);
        BinaryPrimitives.WriteUInt16LittleEndian(meta[58..], (ushort)head.Length);
        BinaryPrimitives.WriteInt64LittleEndian(meta[192..], previous);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[200..], crc);
        BinaryPrimitives.WriteInt32LittleEndian(meta[204..], 2);
        MetaImageMask.Toggle(meta);
        ImageBuilder.SealBlock(meta);
        return new MalformedSample(sample.Name, sample.PageSize, image, sample.History, sample.States, sample.TreeName);
    }

    /// <summary>Long keys on small pages: many levels.</summary>
    private static MalformedSample Deep()
    {
        using var recorder = new SampleRecorder(256);
        var keys = Enumerable.Range(0, 80).Select(
            i => SampleRecorder.Key($"a-long-common-prefix-of-all-keys-{i:D5}-{i:D5}")).ToArray();
        recorder.Commit(false, keys.Select(key => ("", key, (byte[]?)SampleRecorder.Value(30, key[^1]))));
        recorder.Commit(
            false,
            keys.Where((_, i) => i % 5 == 0).Select(key => ("alpha", key, (byte[]?)SampleRecorder.Value(20, key[^1]))));
        recorder.Commit(false, keys.Where((_, i) => i % 3 == 0).Select(key => ("", key, (byte[]?)null)));
        return recorder.Finish("deep-256", "alpha");
    }

    /// <summary>Pages of the usual size.</summary>
    private static MalformedSample Plain()
    {
        using var recorder = new SampleRecorder(4096);
        for (var round = 0; round < 3; round++)
        {
            recorder.Commit(
                false,
                Enumerable.Range(0, 60).Select(
                    i => (
                        "",
                        SampleRecorder.Key($"user-{i * (round + 1):D4}"),
                        (byte[]?)SampleRecorder.Value(i == 20 ? 5000 : 70, i))));
            recorder.Commit(false, ("names", SampleRecorder.Key($"n{round}"), SampleRecorder.Value(40, round)));
        }

        return recorder.Finish("plain-4096", "names");
    }

    /// <summary>Every feature in as few bytes as possible: the corpus is made of it.</summary>
    private static MalformedSample Tiny()
    {
        using var recorder = new SampleRecorder(256);
        for (var round = 0; round < 3; round++)
        {
            var length = 20 + round;
            recorder.Commit(
                round == 2,
                Enumerable.Range(0, 14).Select(
                    i => (
                        "",
                        SampleRecorder.Key($"key-{i + round:D2}"),
                        (byte[]?)SampleRecorder.Text(i == 9 ? 400 : length))));
            recorder.Commit(
                round == 2,
                Enumerable.Range(0, 3).Select(
                    i => ("beta", SampleRecorder.Key($"b{i}"), (byte[]?)SampleRecorder.Text(length))));
        }

        return MoveLog(recorder.Finish("tiny-256", "beta"));
    }

    /// <summary>A counted tree with many values for each key, some of which have zero bytes.</summary>
    private static MalformedSample Pairs()
    {
        using var recorder = new SampleRecorder(256);
        recorder.Commit(
            false,
            Enumerable.Range(0, 12).Select(
                i => ("", SampleRecorder.Key($"key-{i:D2}"), (byte[]?)SampleRecorder.Value(12, i))));
        for (var round = 0; round < 2; round++)
        {
            recorder.CommitPairs(
                "tags",
                Enumerable.Range(0, 90).Select(
                    i => (i % 9 < 3 ? new byte[i % 9] : [(byte)(i % 9), 0, 7], SampleRecorder.Value(4, i + round))));
        }

        return recorder.Finish("pairs-256", "beta");
    }

    /// <summary>A named snapshot, most of whose pages the commit after it has left.</summary>
    private static MalformedSample Named()
    {
        using var recorder = new SampleRecorder(512);
        for (var round = 0; round < 3; round++)
        {
            recorder.Commit(false, Round(round, 512));
        }

        // Both metas are of states that have the name, and no former state is: all that depends on when it was made can
        // be mended.
        recorder.Name("kept");
        recorder.Commit(false, Round(3, 512));
        return recorder.Finish("named-512", "beta");
    }

    private static MalformedSample Empty()
    {
        using var recorder = new SampleRecorder(256);
        return recorder.Finish("empty-256", "none");
    }
}
