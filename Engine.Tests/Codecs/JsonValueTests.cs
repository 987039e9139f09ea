using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Codecs;

/// <summary>Values that System.Text.Json writes and reads, by code that is generated when this is compiled.</summary>
public class JsonValueTests
{
    [Test]
    public void Json_IsWrittenIntoTheTree_AndReadFromThePage()
    {
        using var db = Database.OpenInMemory();
        var people = db.GetTree("people", KeyCodec.Guid, PersonJson.Codec);
        var id = Guid.CreateVersion7();
        using (var tx = db.BeginWrite())
        {
            tx.Open(tx.CreateTree(people)).Put(id, new Person("Ada", [1843, 1842]));
            tx.Commit();
        }

        using var read = db.BeginRead();
        Assert.That(read.Open(people).TryGet(id, out var person), Is.True);
        Assert.That((person.Name, person.Years), Is.EqualTo(("Ada", new[] { 1843, 1842 })));
        Assert.That(read.Open(people).TryGetBytes(id, out var json), Is.True);
        Assert.That(System.Text.Encoding.UTF8.GetString(json), Is.EqualTo("""{"Name":"Ada","Years":[1843,1842]}"""));
    }

    [Test]
    public void Json_ThatIsNone_IsToldFromOtherFailures() =>
        Assert.That(() => PersonJson.Codec.Decode("{"u8), Throws.TypeOf<InvalidEncodingException>());

    [Test]
    public void Document_ShowsThisCodec()
    {
        const string Fence = "```";
        var markdown = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "api.md"));
        var start = markdown.IndexOf($"{Fence}cs\n", StringComparison.Ordinal);
        var end = markdown.IndexOf($"\n{Fence}", start, StringComparison.Ordinal);
        var block = markdown[(start + Fence.Length + 3)..end];
        var source = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Engine.Tests", "Codecs", "PersonJson.cs"));
        Assert.That(block, Does.Contain(nameof(JsonSerializerContext)));
        Assert.That(source, Does.Contain(block));
    }
}
