using System.Globalization;
using System.Text;

namespace Engine;

/// <summary>One broken rule of the file format, or one remark, found by the integrity check.</summary>
public sealed class IntegrityProblem
{
    internal IntegrityProblem(string rule, ulong? page, long pageCount, string place, string expected, string found)
    {
        Rule = rule;
        Page = page;
        PageCount = pageCount;
        Place = place;
        Expected = expected;
        Found = found;
    }

    /// <summary>The short, stable name of the rule, such as <c>page-crc</c>: for programs and for searching.</summary>
    public string Rule { get; }

    /// <summary>
    /// The page that breaks the rule, or the first of them; null when it is the superblock, a meta or the file as a
    /// whole. A reference that leads nowhere is a problem of the page that holds it.
    /// </summary>
    public ulong? Page { get; }

    /// <summary>
    /// How many consecutive pages from <see cref="Page"/> on break the rule; 0 when <see cref="Page"/> is null.
    /// </summary>
    public long PageCount { get; }

    /// <summary>
    /// Where that is: the structure and, in a tree, its name and the pages from the root down to the page's parent.
    /// </summary>
    public string Place { get; }

    /// <summary>What the format demands there.</summary>
    public string Expected { get; }

    /// <summary>What is there.</summary>
    public string Found { get; }

    /// <summary>The problem in one line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Rule).Append(": ");
        if (Page is { } page)
        {
            text.Append(PageCount == 1 ? "page " : "pages ").Append(page.ToString(CultureInfo.InvariantCulture));
            if (PageCount > 1)
                text.Append(CultureInfo.InvariantCulture, $" to {page + (ulong)PageCount - 1} ({PageCount})");
            text.Append(", ");
        }

        return text.Append(Place).Append(": expected ").Append(Expected).Append(", found ").Append(Found).ToString();
    }
}
