namespace FromLightningDB;

/// <summary>
/// A collection of links, which is there twice: as it was on LightningDB, and as it is on the engine. Every change is
/// durable when the method returns.
/// </summary>
internal interface ILinks : IDisposable
{
    /// <summary>Adds a link with its tags.</summary>
    /// <returns>False, and nothing is changed, if it is there.</returns>
    bool Add(Link link);

    /// <summary>Removes a link with its tags.</summary>
    /// <returns>Whether it was there.</returns>
    bool Remove(string url);

    /// <summary>The title of a link; null if it is not there.</summary>
    string? FindTitle(string url);

    /// <summary>Some links in the order of their names, from the one behind another on.</summary>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="size">How many at the most.</param>
    List<(string Url, string Title)> ReadPage(string? after, int size);

    /// <summary>The links with a tag, in the order of their names.</summary>
    List<string> FindTagged(string tag);

    /// <summary>All tags, each with the number of its links.</summary>
    List<(string Tag, long Links)> CountTags();

    /// <summary>Counts a visit.</summary>
    /// <param name="day">The day, from 0 on.</param>
    void Visit(int day);

    /// <summary>The visits of some days, those without any left out.</summary>
    List<(int Day, long Visits)> CountVisits(int from, int to);

    /// <summary>Adds many links in one transaction; what cannot be added is left out as a whole.</summary>
    /// <returns>How many were added: those that were not there, and have a title.</returns>
    int AddAll(IEnumerable<Link> links);
}
