using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// A database in a layer that an overlay file system copies when it is first opened for writing: who had it open before
/// keeps the old one.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class OverlayTests
{
    [Test]
    public void Reader_WhoOpenedTheFileBeforeItsLayerWasCopied_IsToldSo_AndKeepsItsSnapshot(
        [Values] bool hasStableNumbers)
    {
        Machine.Need("unshare", "--mount", "true");
        using var directory = new TempDirectory();
        foreach (var name in new[] { "lower", "upper", "work", "merged" })
        {
            Directory.CreateDirectory(directory.File(name));
        }

        using (var database = Database.Open(directory.File("test.db")))
        {
            Sample.Fill(database, 0, 1000);
        }

        // Layers of one file system keep the number of a file that is copied; of two, without numbers of the overlay's
        // own, they do not.
        var lower = directory.File("lower");
        var mount = $"{(hasStableNumbers ? "true" : $"mount -t tmpfs tmpfs '{lower}'")} && cp "
            + $"'{directory.File("test.db")}' '{lower}' && mount -t overlay -o "
            + $"'lowerdir={lower},upperdir={directory.File("upper")},workdir={directory.File("work")},xino=off' "
            + $"overlay '{directory.File("merged")}'";
        Machine.Need("unshare", "--mount", "sh", "-c", mount);
        var path = directory.File("merged/test.db");
        using var reader = HelperProcess.Start("unshare", "--mount", "sh", "-c", mount + " && exec \"$@\"", "sh");
        reader.Do($"db-open {path} readonly");
        reader.Do("db-hold");
        using var writer = HelperProcess.Start("nsenter", "--mount", "--target", $"{reader.Id}");
        writer.Do($"db-open {path}");
        writer.Do("db-fill 1000 5000 100");

        Assert.That(reader.Ask("db-count"), Does.StartWith("!DatabaseReplacedException").And.Contain("overlay"));
        Assert.That(reader.Do("db-held"), Is.EqualTo("1000"));

        reader.Do("db-close");
        reader.Do($"db-open {path} readonly");
        Assert.That(reader.Do("db-count"), Is.EqualTo("5000"));
    }
}
