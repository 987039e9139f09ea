using Engine.Cli.Inspection;
using Engine.Integrity;
using Engine.PropertyTests.Checking;
using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Conformance;

/// <summary>Every reader of the format that there is, each asked what it makes of an image.</summary>
internal static class FormatReaders
{
    public static IReadOnlyDictionary<string, Func<byte[], Verdict>> All { get; } =
        new Dictionary<string, Func<byte[], Verdict>>
        {
            ["engine, reading"] = OpenForReading,
            ["engine, writing"] = OpenForWriting,
            ["integrity check"] = Check,
            ["inspector"] = Inspect,
            ["checker of the property tests"] = CheckImage,
        };

    private static Verdict OpenForReading(byte[] image)
    {
        using var directory = new TempDirectory();
        File.WriteAllBytes(directory.DatabasePath, image);
        Database database;
        try
        {
            database = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            return Verdict.Refused;
        }

        using (database)
        using (var read = database.BeginRead())
        {
            return new Verdict(read.TransactionId, CanReadAll(database), null, null);
        }
    }

    private static bool CanReadAll(Database database)
    {
        try
        {
            using var read = database.BeginRead();
            Walk(read.Main);
            foreach (var name in read.GetTreeNames())
            {
                Walk(read[database.GetTree(name)]);
            }

            return true;
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            return false;
        }
    }

    private static void Walk(TreeReader tree)
    {
        foreach (var (key, value) in tree.All())
        {
            _ = key.Length + value.Length;
        }
    }

    private static Verdict OpenForWriting(byte[] image)
    {
        using var directory = new TempDirectory();
        File.WriteAllBytes(directory.DatabasePath, image);
        try
        {
            using var database = Database.Open(directory.DatabasePath);
            using var read = database.BeginRead();
            return new Verdict(
                RecoveredId(LockedFiles.Read(directory.DatabasePath), read.TransactionId), null, true, null);
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            Assert.That(
                File.ReadAllBytes(directory.DatabasePath).AsSpan().SequenceEqual(image),
                "what is refused is left as it is");

            // No file of version 2 is written to. If it is corrupt, either there is no state, or its log cannot be
            // read: reading decides which.
            return e is DatabaseFormatException && !e.Message.Contains("engine upgrade", StringComparison.Ordinal)
                ? Verdict.Refused
                : new Verdict(null, null, false, null);
        }
    }

    // No lock file says that the image was closed in order, so that opening gave the state a new id, in a meta that
    // names the one that was recovered as durable (docs/format.md section 10).
    private static ulong RecoveredId(byte[] file, ulong id)
    {
        var slot = BitConverter.ToUInt64(file, 4096 + 32) == id ? 4096 : 8192;
        Assert.That(BitConverter.ToUInt64(file, slot + 32), Is.EqualTo(id));
        return BitConverter.ToUInt64(file, slot + 40);
    }

    private static Verdict Check(byte[] image)
    {
        var report = AnyDegree.Check(image);

        // It goes on in a file that is too short, or that a reader must refuse for its flags, to say what else is
        // wrong.
        var isRefused = report.MetaSlot is null
            || report.Problems.Any(
                problem => problem.Rule is IntegrityRules.FileLength or IntegrityRules.DatabaseAttributes
                || (problem.Rule == IntegrityRules.TreeFlags && problem.Page is null));
        return isRefused ? Verdict.Refused : new Verdict(report.TransactionId, null, null, report.IsOk);
    }

    private static Verdict Inspect(byte[] image)
    {
        using var directory = new TempDirectory();
        File.WriteAllBytes(directory.DatabasePath, image);
        try
        {
            using var file = InspectedFile.Open(directory.DatabasePath, withoutLock: true, CancellationToken.None);
            if (file.Refusal is not null || file.Superblock is null)
            {
                return Verdict.Refused;
            }

            var damage = new DamageList();
            var trees = TreeList.Read(file, damage, default);
            var scan = new TreeScan(file, new Engine.Integrity.PageSet(file.Geometry.PageCount), null, default);
            foreach (var tree in trees.Trees)
            {
                scan.Walk(tree, new TreeMeasure(tree, file.PageSize, damage));
            }

            var log = SpaceLogScan.Run(file, damage, default);

            // It shows what is there and judges little: damage that it tells of must be damage, a broken log must be
            // broken.
            return new Verdict(
                file.RequireMeta().Id, null, log.IsComplete ? null : false, damage.Count > 0 ? false : null);
        }
        catch (Exception e) when (e is DatabaseCorruptException or DatabaseFormatException)
        {
            return Verdict.Refused;
        }
    }

    private static Verdict CheckImage(byte[] image)
    {
        try
        {
            var choice = MetaChooser.Choose(image);
            try
            {
                _ = ImageChecker.Check(image);
                return new Verdict(choice.Meta.Id, null, null, true);
            }
            catch (ImageException)
            {
                return new Verdict(choice.Meta.Id, null, null, false);
            }
        }
        catch (ImageException)
        {
            return Verdict.Refused;
        }
    }
}
