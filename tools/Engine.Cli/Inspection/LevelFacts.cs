namespace Engine.Cli.Inspection;

/// <summary>What was found on one level of a tree.</summary>
internal sealed class LevelFacts(int level)
{
    /// <summary>0 for leaves.</summary>
    public int Level => level;

    public ulong Pages { get; set; }

    /// <summary>Entries of leaves, children of branches.</summary>
    public ulong Items { get; set; }

    /// <summary>The sum of the pages' fill, each from 0 to 1.</summary>
    public double FillSum { get; set; }

    /// <summary>
    /// How many times the next page in key order does not follow in the file, the first page included.
    /// </summary>
    public ulong Runs { get; set; }

    /// <summary>The page visited last.</summary>
    public ulong LastPage { get; set; }

    public double Fill => Pages == 0 ? 0 : FillSum / Pages;

    public double ItemsPerPage => Pages == 0 ? 0 : (double)Items / Pages;

    /// <summary>
    /// The share of steps from page to page, in key order, that do not lead to the next page of the file.
    /// </summary>
    public double Fragmentation => Pages <= 1 ? 0 : (double)(Runs - 1) / (Pages - 1);
}
