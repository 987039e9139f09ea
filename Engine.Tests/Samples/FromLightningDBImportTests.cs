using System.Text;
using Engine.Tests.Cli;
using FromLightningDB;
using FromLightningDB.Original;

namespace Engine.Tests.Samples;

/// <summary>The other way to move the data of <c>samples/FromLightningDB</c>: the tool, which needs no code.</summary>
internal sealed class FromLightningDBImportTests : CliFixture
{
    [Test]
    public void Import_OfTheOriginalsData_HasItsTreesByKind()
    {
        if (!LmdbLibrary.IsThere)
        {
            Assert.Ignore("LMDB cannot be loaded here");
        }

        using (var original = new LmdbLinks(Directory.CreateDirectory(InFolder("lmdb")).FullName))
        {
            original.Add(new Link("https://example.org/1", "One", "a", "b"));
            original.Add(new Link("https://example.org/2", "Two", "a"));
            original.Visit(300);
            original.Visit(7);
            original.Visit(300);
        }

        var result = Run("import", InFolder("links.db"), InFolder("lmdb"));
        Assert.That(result.ExitCode, Is.Zero, result.Error);

        using var database = Database.Open(InFolder("links.db"));
        using var read = database.BeginRead();
        Assert.That(read[database.GetTree("links")].Get("https://example.org/2"u8), Is.EqualTo("Two"u8.ToArray()));
        var tagged = new List<string>();
        foreach (var url in read[database.GetMultiTree("tags")].Values("a"u8))
        {
            tagged.Add(Encoding.UTF8.GetString(url));
        }

        Assert.That(tagged, Is.EqualTo(new[] { "https://example.org/1", "https://example.org/2" }));
        var visits = new List<(uint, long)>();
        foreach (var (day, count) in read.Open(database.GetTree<uint, byte[]>("visits")).All())
        {
            visits.Add((day, BitConverter.ToInt64(count)));
        }

        Assert.That(visits, Is.EqualTo(new[] { (7u, 1L), (300u, 2L) }));
    }
}
