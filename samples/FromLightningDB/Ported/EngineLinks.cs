using System.Text;
using Engine;

namespace FromLightningDB.Ported;

/// <summary>The links on the engine: the same program, member by member.</summary>
internal sealed class EngineLinks : ILinks
{
    private readonly Database _database;
    private readonly Tree _links;
    private readonly MultiTree _tags;
    private readonly Tree<int, long> _visits;

    /// <param name="path">The file.</param>
    public EngineLinks(string path)
        : this(Database.Open(path))
    {
    }

    /// <param name="database">The database, which is disposed with this.</param>
    public EngineLinks(Database database)
    {
        _database = database;
        _links = database.GetTree("links");
        _tags = database.GetMultiTree("tags");
        _visits = database.GetTree<int, long>("visits");
        database.Write(tx =>
        {
            tx.CreateTree(_links.Name);
            tx.CreateMultiTree("tags", TreeOptions.Counted);
            tx.CreateTree(_visits);
        });
    }

    public bool Add(Link link)
    {
        using var tx = _database.BeginWrite();
        if (!TryAdd(tx, link))
        {
            return false;
        }

        tx.Commit();
        return true;
    }

    public bool Remove(string url)
    {
        using var tx = _database.BeginWrite();
        if (!tx[_links].Delete(Bytes(url)))
        {
            return false;
        }

        var bytes = Bytes(url);
        var cursor = tx[_tags].OpenCursor();
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            if (cursor.Value.SequenceEqual(bytes))
            {
                cursor.Delete();
            }
        }

        tx.Commit();
        return true;
    }

    public string? FindTitle(string url)
    {
        using var read = _database.BeginRead();
        return read[_links].TryGet(Bytes(url), out var title) ? Encoding.UTF8.GetString(title) : null;
    }

    public List<(string Url, string Title)> ReadPage(string? after, int size)
    {
        var page = new List<(string, string)>();
        using var read = _database.BeginRead();
        var links = read[_links].All();
        foreach (var (url, title) in (after is null ? links : links.After(Bytes(after))).Take(size))
        {
            page.Add((Encoding.UTF8.GetString(url), Encoding.UTF8.GetString(title)));
        }

        return page;
    }

    public List<string> FindTagged(string tag)
    {
        var links = new List<string>();
        using var read = _database.BeginRead();
        foreach (var url in read[_tags].Values(Bytes(tag)))
        {
            links.Add(Encoding.UTF8.GetString(url));
        }

        return links;
    }

    public List<(string Tag, long Links)> CountTags()
    {
        var tags = new List<(string, long)>();
        using var read = _database.BeginRead();
        foreach (var tag in read[_tags].Keys())
        {
            tags.Add((Encoding.UTF8.GetString(tag), read[_tags].CountValues(tag)));
        }

        return tags;
    }

    public void Visit(int day) => _database.Write(tx =>
    {
        // A typed key is in the order of its numbers, whatever the machine.
        var visits = tx.Open(_visits);
        visits.Put(day, visits.Get(day) + 1);
    });

    public List<(int Day, long Visits)> CountVisits(int from, int to)
    {
        var visits = new List<(int, long)>();
        using var read = _database.BeginRead();
        foreach (var (day, count) in read.Open(_visits).From(from).Through(to))
        {
            visits.Add((day, count));
        }

        return visits;
    }

    public int AddAll(IEnumerable<Link> links)
    {
        var added = 0;
        using var tx = _database.BeginWrite();
        foreach (var link in links)
        {
            using var child = tx.BeginNested();
            if (TryAdd(child, link) && link.Title.Length > 0)
            {
                child.Commit();
                added++;
            }
        }

        tx.Commit();
        return added;
    }

    public void Dispose() => _database.Dispose();

    private bool TryAdd(WriteTransaction tx, Link link)
    {
        var url = Bytes(link.Url);
        if (!tx[_links].TryAdd(url, Bytes(link.Title)))
        {
            return false;
        }

        foreach (var tag in link.Tags)
        {
            // The pair may be there: a tag that is given twice.
            tx[_tags].Add(Bytes(tag), url);
        }

        return true;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
