using Engine.PropertyTests.Checking;
using Engine.Storage;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// One execution: opens a damaged image as a file (read-only, for writing, read-only again) or in memory, reads all of
/// it, checks it, writes to it. Every step ends with the right answers or a <see cref="DatabaseException"/>; what is
/// right comes from the model where no checksum was mended, and otherwise from the independent checker, if that finds
/// the image sound.
/// </summary>
internal sealed class MalformedExercise : IDisposable
{
    /// <summary>
    /// The samples have tens of kilobytes; nothing in them makes the engine allocate more than this on the managed
    /// heap.
    /// </summary>
    private const long AllocationLimit = 32 << 20;

    /// <summary>
    /// A long file, sparse or not, may cost this part of its length: bits and summaries of its pages.
    /// </summary>
    private const int LengthShare = 100;

    private readonly string _path;
    private readonly MalformedImage _image = new();
    private readonly ChecksumMender _mender = new();
    private ReusedStorage _storage = new();
    private MalformedProgram _program = null!;
    private MalformedSample _sample = null!;
    private ImageReport? _report;
    private string? _rejection;

    public MalformedExercise(string directory)
    {
        _path = Path.Combine(directory, "malformed.db");
    }

    /// <summary>The image of the last program.</summary>
    public MalformedImage Image => _image;

    /// <summary>Runs a program.</summary>
    /// <returns>How reading ended: "opens", or the type of the exception.</returns>
    /// <exception cref="MalformedViolationException">The engine broke its promise.</exception>
    public string Run(MalformedProgram program)
    {
        _program = program;
        _sample = MalformedSamples.All[program.Sample];
        program.Build(_image, _mender);
        return Run(inMemory: !_image.IsSparse && (program.Mutations[0].A >> 8) % 2 == 0);
    }

    /// <summary>Runs over an image that was damaged before, by the same program; always as a file.</summary>
    public string RunFile(MalformedProgram program, ReadOnlySpan<byte> image, long fileLength)
    {
        _program = program;
        _sample = MalformedSamples.All[program.Sample];
        _image.Load(image);
        _image.FileLength = fileLength;
        return Run(inMemory: false);
    }

    /// <summary>After an execution that failed: what it left open must not disturb the next ones.</summary>
    public void Reset() => _storage = new ReusedStorage();

    public void Dispose() => _storage.Release();

    private string Run(bool inMemory)
    {
        Judge();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        string reading;
        if (inMemory)
        {
            _storage.Load(_image.Bytes);
            reading = Step("write in memory", () => Write(() => Database.Open(_storage, Options(readOnly: false))));
        }
        else
        {
            WriteFile();
            reading = Step("read", ReadOnly);
            Step("write", () => Write(() => Database.Open(_path, Options(readOnly: false))));
            if (_program.Variant is 1 or 2)
            {
                Step("read again", ReadAgain);
            }
        }

        var used = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return used <= AllocationLimit + (_image.FileLength / LengthShare)
            ? reading
            : throw new MalformedViolationException($"{used:N0} bytes were allocated");
    }

    /// <summary>Asks the independent checker what there is to be seen.</summary>
    private void Judge()
    {
        _report = null;
        _rejection = null;
        if (_program.Mending == Mending.None || _image.IsSparse)
        {
            return;
        }

        try
        {
            var report = ImageChecker.Check(_image.Bytes, collect: true);

            // An image may be sound and yet name an id after which there is none: it can be read, but not be written or
            // get another tree.
            _report = Math.Max(report.Choice.HighestId, report.Meta.NextTreeId) < ulong.MaxValue / 4 ? report : null;
        }
        catch (Exception e)
        {
            // The checker is a test's: whatever it throws, the image is not sound.
            _rejection = e.Message;
        }
    }

    private void ReadOnly()
    {
        using var database = Database.Open(_path, Options(readOnly: true));
        using (var read = database.BeginRead())
        {
            var digest = ContentReader.Read(database, read, Expected(read.TransactionId), _sample.Keys);
            RequireSound(digest, read.TransactionId);
        }

        ReadSnapshots(database);
        database.GetStatistics();
        Check(database);
    }

    /// <summary>Reads what is named; as often as the checker finds names, if it finds the image sound.</summary>
    private void ReadSnapshots(Database database)
    {
        var names = database.ListSnapshots();
        if (_report is { } report && report.Named.Count != names.Count)
        {
            throw new MalformedViolationException($"{names.Count} snapshots are named instead of {report.Named.Count}");
        }

        foreach (var name in names)
        {
            using var snapshot = database.OpenSnapshot(name.Name);
            foreach (var (_, value) in snapshot.Main.All())
            {
                _ = value.Length;
            }
        }
    }

    private void Write(Func<Database> open)
    {
        using var database = open();
        ulong id;
        TreeContents? contents;
        using (var read = database.BeginRead())
        {
            id = FoundId(database, read.TransactionId);
            contents = Expected(id);
            RequireSound(ContentReader.Read(database, read, contents, _sample.Keys), id);
        }

        using (var held = database.BeginRead())
        {
            var entries = held.Main.All().GetEnumerator();
            var seen = 0;
            while (seen < 5 && entries.MoveNext())
            {
                seen++;
            }

            using (var transaction = database.BeginWrite())
            {
                ChangeScript.Apply(database, transaction, _sample, _program.Variant);
                transaction.Commit();
            }

            // The pinned state is what it was, whatever the space log says about its pages.
            while (entries.MoveNext())
            {
                _ = entries.Current.Value.Length;
                if (++seen > 200_000)
                {
                    throw new MalformedViolationException("a scan beside a commit does not end");
                }
            }

            if (contents is not null && seen != contents.Main.Count)
            {
                throw new MalformedViolationException(
                    $"a pinned reader shows {seen} entries instead of {contents.Main.Count}");
            }
        }

        using (var read = database.BeginRead())
        {
            RequireAfter(ContentReader.Read(database, read, null, _sample.Keys), id);
        }

        using (var transaction = database.BeginWrite())
        {
            transaction.Main.DeleteFrom(default);
            transaction.Main.Put("after"u8, new byte[2 * _sample.PageSize]);
            transaction.Commit(CommitMode.Deferred);
        }

        database.Flush();
        if (_program.Variant == 0)
        {
            Check(database);
        }
    }

    private void ReadAgain()
    {
        using var database = Database.Open(_path, Options(readOnly: true));
        using var read = database.BeginRead();
        ContentReader.Read(database, read, null, _sample.Keys);
    }

    private void Check(Database database)
    {
        var report = database.Check();
        var together = database.Check(new IntegrityCheckOptions { MaxDegreeOfParallelism = 3 });
        if (together.ToString() != report.ToString())
        {
            throw new MalformedViolationException($"several threads report {together}, and one {report}");
        }

        // The product's check also compares a tree's last change with the birth of the page that holds its record.
        // Where two metas have one id it may look at the one that is not valid.
        var isClear = _report is not null
            && MetaImage.IdOf(MetaChooser.Slot(_image.Bytes, 0)) != MetaImage.IdOf(MetaChooser.Slot(_image.Bytes, 1));
        if (isClear && report.Problems.Any(static problem => problem.Rule is not ("tree-changed" or "page-birth")))
        {
            throw new MalformedViolationException($"the checks disagree: {report}");
        }
    }

    private ulong FoundId(Database database, ulong id) =>
        _sample.States.ContainsKey(id) || _report?.Meta.Id == id ? id : FoundState.IdOf(database, id);

    /// <summary>What a state has to hold, if no checksum was mended.</summary>
    private TreeContents? Expected(ulong id)
    {
        if (_program.Mending != Mending.None)
        {
            return null;
        }

        return _sample.States.TryGetValue(id, out var contents)
            ? contents
            : throw new MalformedViolationException($"state {id} is served, which never was");
    }

    private void RequireSound(ulong digest, ulong id)
    {
        if (_report is { } report && (report.Meta.Id != id || report.TreesDigest != digest))
        {
            throw new MalformedViolationException(
                $"state {id} is served with the digest {digest:x}; the checker finds state {report.Meta.Id} with "
                + $"{report.TreesDigest:x}");
        }
    }

    private void RequireAfter(ulong digest, ulong id)
    {
        ulong? wanted = null;
        if (_program.Mending == Mending.None)
        {
            wanted = _sample.DigestAfter(id, _program.Variant);
        }
        else if (_report is { } report)
        {
            var contents = TreeContents.From(report.Trees);
            ChangeScript.Apply(contents, _sample, _program.Variant);
            wanted = contents.Digest;
        }

        if (wanted is { } right && right != digest)
        {
            throw new MalformedViolationException("after a commit the entries are wrong");
        }
    }

    private string Step(string name, Action step)
    {
        try
        {
            step();
            return "opens";
        }
        catch (DatabaseException e)
        {
            return _report is null
                ? e.GetType().Name
                : throw new MalformedViolationException(
                    $"{name}: refused although the checker finds it sound: {e.Message}", e);
        }
        catch (MalformedViolationException e)
        {
            throw new MalformedViolationException($"{name}: {e.Message} (checker: {_rejection ?? "sound"})", e);
        }
        catch (Exception e)
        {
            throw new MalformedViolationException(
                $"{name}: {e.GetType().Name}: {e.Message} "
                + $"{string.Join(" < ", (e.StackTrace ?? "").Split('\n').Take(6).Select(line => line.Trim()))}",
                e);
        }
    }

    private DatabaseOptions Options(bool readOnly) => new()
    {
        AllowTestPageSizes = true,
        FlushInterval = Timeout.InfiniteTimeSpan,
        ReadOnly = readOnly,
        CreateIfMissing = false,
        TransactionMemory = 16 << 20,
    };

    private void WriteFile()
    {
        if (_program.Variant == 1)
        {
            File.Delete(_path + "-lock");
        }
        else if (File.Exists(_path + "-lock"))
        {
            // How a file was closed is known of the one before, which may have had the same file id.
            using var known = File.OpenHandle(_path + "-lock", FileMode.Open, FileAccess.Write);
            RandomAccess.Write(known, new byte[16], LockLayout.FileIdOffset);
        }

        using var handle = File.OpenHandle(_path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(handle, _image.Bytes, 0);
        if (_image.IsSparse)
        {
            RandomAccess.SetLength(handle, _image.FileLength);
        }
    }
}
