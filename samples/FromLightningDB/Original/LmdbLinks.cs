using System.Buffers.Binary;
using System.Text;
using LightningDB;

namespace FromLightningDB.Original;

/// <summary>The links on LightningDB: the program as it was.</summary>
internal sealed class LmdbLinks : ILinks
{
    private const long MapSize = 1L << 30;

    private readonly LightningEnvironment _environment;
    private readonly LightningDatabase _links;
    private readonly LightningDatabase _tags;
    private readonly LightningDatabase _visits;

    /// <param name="directory">Where the environment is.</param>
    public LmdbLinks(string directory)
    {
        LmdbLibrary.Require();
        _environment = new LightningEnvironment(
            directory, new EnvironmentConfiguration { MapSize = MapSize, MaxDatabases = 3 });
        _environment.Open();
        using var tx = _environment.BeginTransaction();
        _links = tx.OpenDatabase("links", new DatabaseConfiguration { Flags = DatabaseOpenFlags.Create });
        _tags = tx.OpenDatabase(
            "tags",
            new DatabaseConfiguration { Flags = DatabaseOpenFlags.Create | DatabaseOpenFlags.DuplicatesSort });
        _visits = tx.OpenDatabase(
            "visits", new DatabaseConfiguration { Flags = DatabaseOpenFlags.Create | DatabaseOpenFlags.IntegerKey });
        tx.Commit().ThrowOnError();
    }

    public bool Add(Link link)
    {
        using var tx = _environment.BeginTransaction();
        if (!TryAdd(tx, link))
        {
            return false;
        }

        tx.Commit().ThrowOnError();
        return true;
    }

    public bool Remove(string url)
    {
        using var tx = _environment.BeginTransaction();
        if (tx.Delete(_links, Bytes(url)) == MDBResultCode.NotFound)
        {
            return false;
        }

        using (var cursor = tx.CreateCursor(_tags))
        {
            for (var found = cursor.First(); found.resultCode == MDBResultCode.Success; found = cursor.Next())
            {
                if (Text(cursor.GetCurrent().value) == url)
                {
                    cursor.Delete().ThrowOnError();
                }
            }
        }

        tx.Commit().ThrowOnError();
        return true;
    }

    public string? FindTitle(string url)
    {
        using var tx = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        var (resultCode, _, value) = tx.Get(_links, Bytes(url));
        return resultCode == MDBResultCode.Success ? Text(value) : null;
    }

    public List<(string Url, string Title)> ReadPage(string? after, int size)
    {
        var page = new List<(string, string)>();
        using var tx = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using var cursor = tx.CreateCursor(_links);
        var resultCode = after is null ? cursor.First().resultCode : cursor.SetRange(Bytes(after));
        while (resultCode == MDBResultCode.Success && page.Count < size)
        {
            var (_, key, value) = cursor.GetCurrent();
            if (Text(key) != after)
            {
                page.Add((Text(key), Text(value)));
            }

            resultCode = cursor.Next().resultCode;
        }

        return page;
    }

    public List<string> FindTagged(string tag)
    {
        var links = new List<string>();
        using var tx = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using var cursor = tx.CreateCursor(_tags);
        for (var resultCode = cursor.Set(Bytes(tag));
             resultCode == MDBResultCode.Success;
             resultCode = cursor.NextDuplicate().resultCode)
        {
            links.Add(Text(cursor.GetCurrent().value));
        }

        return links;
    }

    public List<(string Tag, long Links)> CountTags()
    {
        var tags = new List<(string, long)>();
        using var tx = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using var cursor = tx.CreateCursor(_tags);
        for (var found = cursor.First();
             found.resultCode == MDBResultCode.Success;
             found = cursor.NextNoDuplicate())
        {
            cursor.Count(out var links).ThrowOnError();
            tags.Add((Text(cursor.GetCurrent().key), links));
        }

        return tags;
    }

    public void Visit(int day)
    {
        // An integer key is in the byte order of the machine.
        var key = BitConverter.GetBytes(day);
        using var tx = _environment.BeginTransaction();
        var (resultCode, _, value) = tx.Get(_visits, key);
        var visits = resultCode == MDBResultCode.Success ? BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan()) : 0;
        var counted = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(counted, visits + 1);
        tx.Put(_visits, key, counted).ThrowOnError();
        tx.Commit().ThrowOnError();
    }

    public List<(int Day, long Visits)> CountVisits(int from, int to)
    {
        var visits = new List<(int, long)>();
        using var tx = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using var cursor = tx.CreateCursor(_visits);
        var resultCode = cursor.SetRange(BitConverter.GetBytes(from));
        while (resultCode == MDBResultCode.Success)
        {
            var (_, key, value) = cursor.GetCurrent();
            var day = BitConverter.ToInt32(key.AsSpan());
            if (day > to)
            {
                break;
            }

            visits.Add((day, BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan())));
            resultCode = cursor.Next().resultCode;
        }

        return visits;
    }

    public int AddAll(IEnumerable<Link> links)
    {
        var added = 0;
        using var tx = _environment.BeginTransaction();
        foreach (var link in links)
        {
            using var child = tx.BeginTransaction();
            if (TryAdd(child, link) && link.Title.Length > 0)
            {
                child.Commit().ThrowOnError();
                added++;
            }
        }

        tx.Commit().ThrowOnError();
        return added;
    }

    public void Dispose()
    {
        _visits.Dispose();
        _tags.Dispose();
        _links.Dispose();
        _environment.Dispose();
    }

    private bool TryAdd(LightningTransaction tx, Link link)
    {
        var url = Bytes(link.Url);
        var resultCode = tx.Put(_links, url, Bytes(link.Title), PutOptions.NoOverwrite);
        if (resultCode == MDBResultCode.KeyExist)
        {
            return false;
        }

        resultCode.ThrowOnError();
        foreach (var tag in link.Tags)
        {
            // The pair may be there: a tag that is given twice.
            tx.Put(_tags, Bytes(tag), url).ThrowOnError();
        }

        return true;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(MDBValue value) => Encoding.UTF8.GetString(value.AsSpan());
}
