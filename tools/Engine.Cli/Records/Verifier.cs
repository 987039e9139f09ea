using System.Diagnostics;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// Compares the default tree with the data set that it was loaded from, both ways: every record by a lookup, and the
/// whole by a scan.
/// </summary>
internal sealed class Verifier
{
    private readonly Database _database;
    private readonly CancellationToken _cancellation;

    public Verifier(Database database, CancellationToken cancellation)
    {
        _database = database;
        _cancellation = cancellation;
    }

    /// <exception cref="VerificationException">An entry differs, is missing, or is too many.</exception>
    public VerifySummary Verify(CommandContext context, string data)
    {
        SortedDictionary<byte[], byte[]> expected = ReadSource(context, data);
        using ReadTransaction read = _database.BeginRead();
        long start = Stopwatch.GetTimestamp();
        foreach ((byte[] key, byte[] value) in expected)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!read.Main.TryGet(key, out ReadOnlySpan<byte> found))
                throw new VerificationException($"the key '{ReadableText.Format(key)}' was loaded and cannot be found");
            if (!found.SequenceEqual(value))
                throw new VerificationException(
                    $"the value of '{ReadableText.Format(key)}' is not the one that was loaded");
        }

        TimeSpan getTime = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        using SortedDictionary<byte[], byte[]>.Enumerator next = expected.GetEnumerator();
        foreach (var (key, value) in read.Main.All())
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!next.MoveNext() || !key.SequenceEqual(next.Current.Key) || !value.SequenceEqual(next.Current.Value))
                throw new VerificationException(
                    $"the scan came to '{ReadableText.Format(key)}', which is not the next record");
        }

        if (next.MoveNext())
            throw new VerificationException($"the scan ended before '{ReadableText.Format(next.Current.Key)}'");
        return new VerifySummary(expected.Count, getTime, Stopwatch.GetElapsedTime(start));
    }

    private static SortedDictionary<byte[], byte[]> ReadSource(CommandContext context, string data)
    {
        var expected =
            new SortedDictionary<byte[], byte[]>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        using Stream input = InputFiles.Open(context, data);
        RecordReader records = RecordFormats.Open(RecordFormats.Choose(null, data), input, InputFiles.NameOf(data));
        while (records.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            expected[key.ToArray()] = value.ToArray();
        return expected;
    }
}
