using System.Globalization;
using System.IO.Compression;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// The malformed files in the repository: one per kind of damage and outcome, and those that once broke something.
/// Compressed; an index says what to expect.
/// </summary>
internal static class MalformedCorpus
{
    private const string Index = "index.tsv";
    private const int Tries = 250;

    /// <summary>The entries of the index.</summary>
    public static CorpusEntry[] Entries(string directory) =>
    [
        .. File.ReadLines(Path.Combine(directory, Index))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split('\t'))
            .Select(static words =>
                new CorpusEntry(
                    words[0], words[1], long.Parse(words[2], CultureInfo.InvariantCulture), words[3], words[4])),
    ];

    /// <summary>The bytes of an entry.</summary>
    public static byte[] Load(string directory, CorpusEntry entry)
    {
        using var file = File.OpenRead(PathOf(directory, entry.Name));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>
    /// Writes the corpus anew: for each kind of damage, with and without mending, the first execution that ends in each
    /// way. Keeps findings of former runs.
    /// </summary>
    public static void Generate(string directory, string scratch)
    {
        Directory.CreateDirectory(directory);
        var former = File.Exists(Path.Combine(directory, Index)) ? Entries(directory) : [];
        var found = former.Where(entry => entry.Name.StartsWith("found-", StringComparison.Ordinal)).ToList();
        var entries = new SortedDictionary<string, CorpusEntry>(StringComparer.Ordinal);
        var image = new MalformedImage();
        using var exercise = new MalformedExercise(scratch);
        foreach (var kind in Enum.GetValues<MutationKind>())
        {
            for (var i = 0; i < Tries; i++)
            {
                var program = CreateFor(kind, i);
                program.Build(image, new ChecksumMender());
                if (image.Bytes.SequenceEqual(MalformedSamples.All[program.Sample].Image) && !image.IsSparse)
                {
                    continue;
                }

                string reading;
                try
                {
                    reading = Class(exercise.RunFile(program, image.Bytes, image.FileLength));
                }
                catch (MalformedViolationException e)
                {
                    Console.Error.WriteLine($"{program}: {e.Message}");
                    continue;
                }

                var name = $"{Dashed(kind)}-{(program.Mending == Mending.None ? "raw" : "mended")}-{reading}";
                if (reading.Length > 0 && !entries.ContainsKey(name))
                {
                    entries[name] = Save(directory, name, reading, program, image);
                }
            }
        }

        WriteIndex(directory, [.. entries.Values, .. found]);
        foreach (var gone in former.Except(found).Where(entry => !entries.ContainsKey(entry.Name)))
        {
            File.Delete(PathOf(directory, gone.Name));
        }
    }

    /// <summary>Adds an execution that broke something.</summary>
    public static void Add(string directory, string name, string reading, MalformedProgram program)
    {
        var image = new MalformedImage();
        program.Build(image, new ChecksumMender());
        WriteIndex(directory, [.. Entries(directory), Save(directory, name, reading, program, image)]);
    }

    /// <summary>The class of an outcome; empty if it has none.</summary>
    public static string Class(string outcome) => outcome switch
    {
        "opens" => "opens",
        nameof(DatabaseCorruptException) => "corrupt",
        nameof(DatabaseFormatException) => "format",
        _ => "",
    };

    private static MalformedProgram CreateFor(MutationKind kind, int index)
    {
        var sample = Array.FindIndex(MalformedSamples.All, sample => sample.Name == "tiny-256");
        var program = MalformedProgram.Create((ulong)kind + 1, index);

        // Damage within a page is noticed by the same comparison wherever it is, unless it is mended.
        var isWithinPage = kind is > MutationKind.PageHeader
            and not (MutationKind.StalePage or MutationKind.CopyPage or MutationKind.SwapPages);
        var mutation = program.Mutations[0] with { Kind = kind };
        return program with
        {
            Sample = sample,
            Mending = (Mending)(isWithinPage ? 1 + (index % 2) : index % 3),

            // Junk does not compress, so there is little of it.
            Mutations = kind switch
            {
                MutationKind.AllJunk => [mutation, new Mutation(MutationKind.Truncate, 700, 0, 0)],
                MutationKind.Extend => [mutation with { A = mutation.A % 300 }],
                _ => [mutation],
            },
        };
    }

    private static CorpusEntry Save(
        string directory, string name, string reading, MalformedProgram program, MalformedImage image)
    {
        using (var file = File.Create(PathOf(directory, name)))
        using (var packed = new GZipStream(file, CompressionLevel.SmallestSize))
        {
            packed.Write(image.Bytes);
        }

        string checker;
        try
        {
            ImageChecker.Check(image.Bytes);
            checker = "sound";
        }
        catch (ImageException e)
        {
            checker = e.Message;
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            checker = "the checker cannot follow it";
        }

        return new CorpusEntry(name, reading, image.FileLength, program.ToString(), checker);
    }

    private static void WriteIndex(string directory, IEnumerable<CorpusEntry> entries)
    {
        const string Head = "# file\thow reading ends (opens, corrupt, format)\tlength of the file (a hole behind the "
            + "bytes)\twhat made it\twhat the independent checker says";
        File.WriteAllLines(
            Path.Combine(directory, Index),
            [Head, .. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{entry.Name}\t{entry.Reading}\t{entry.FileLength}\t{entry.Program}\t{entry.Checker}"))]);
    }

    private static string PathOf(string directory, string name) => Path.Combine(directory, name + ".db.gz");

    private static string Dashed(MutationKind kind) =>
        string.Concat(
            kind.ToString().Select(
                (letter, i) =>
                    char.IsUpper(letter) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
