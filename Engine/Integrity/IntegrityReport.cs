using System.Globalization;
using System.Text;

namespace Engine;

/// <summary>What an integrity check found. The counters describe what could be walked.</summary>
public sealed class IntegrityReport
{
    /// <summary>True if no rule of the format is broken in the state that was checked.</summary>
    public bool IsOk => ProblemCount == 0;

    /// <summary>
    /// The broken rules, in the order they were found; at most as many as the check was told to keep.
    /// </summary>
    public IReadOnlyList<IntegrityProblem> Problems { get; internal init; } = [];

    /// <summary>How many broken rules there are, those beyond the maximum included.</summary>
    public long ProblemCount { get; internal init; }

    /// <summary>
    /// Remarks that are no problems: what a crash may leave behind (a torn meta, a commit that did not become durable),
    /// and what could not be decided because of a problem listed elsewhere.
    /// </summary>
    public IReadOnlyList<IntegrityProblem> Notes { get; internal init; } = [];

    /// <summary>The meta slot (0 or 1) of the state that was checked, or null if no state could be chosen.</summary>
    public int? MetaSlot { get; internal init; }

    /// <summary>The transaction id of the state that was checked; 0 if none could be chosen.</summary>
    public ulong TransactionId { get; internal init; }

    /// <summary>The page size in bytes; 0 if the superblock does not say.</summary>
    public int PageSize { get; internal init; }

    /// <summary>Pages of the database, from page 0 on.</summary>
    public long PageCount { get; internal init; }

    /// <summary>Length of the file in bytes.</summary>
    public long FileLength { get; internal init; }

    /// <summary>Leaf pages of all trees, the catalog's included.</summary>
    public long LeafPages { get; internal init; }

    /// <summary>Branch pages of all trees, the catalog's included.</summary>
    public long BranchPages { get; internal init; }

    /// <summary>Pages of overflow runs.</summary>
    public long OverflowPages { get; internal init; }

    /// <summary>Pages of the space log.</summary>
    public long LogPages { get; internal init; }

    /// <summary>Pages of the run list of the newest commit, if it has pages of its own.</summary>
    public long ListPages { get; internal init; }

    /// <summary>Pages that the space log says are free.</summary>
    public long FreePages { get; internal init; }

    /// <summary>
    /// Pages that are neither reachable nor in the space log nor free; counted only if everything could be walked.
    /// </summary>
    public long LeakedPages { get; internal init; }

    /// <summary>Named snapshots.</summary>
    public long Snapshots { get; internal init; }

    /// <summary>Free pages that hold nothing but what named snapshots still need.</summary>
    public long SnapshotPages { get; internal init; }

    /// <summary>Trees: the default tree and those in the catalog.</summary>
    public long Trees { get; internal init; }

    /// <summary>Entries of all those trees, without the catalog's own.</summary>
    public long Entries { get; internal init; }

    /// <summary>A summary, followed by the problems and the notes, one on each line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(IsOk ? "ok" : string.Create(CultureInfo.InvariantCulture, $"{ProblemCount} problem(s)"));
        if (MetaSlot is { } slot)
        {
            text.Append(CultureInfo.InvariantCulture, $": transaction {TransactionId} in meta slot {slot}, ")
                .Append(CultureInfo.InvariantCulture, $"{PageCount} pages of {PageSize} bytes ")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"({LeafPages} leaf, {BranchPages} branch, {OverflowPages} overflow, ")
                .Append(CultureInfo.InvariantCulture, $"{LogPages} log, {ListPages} run list, ")
                .Append(CultureInfo.InvariantCulture, $"{FreePages} free, {LeakedPages} leaked), ")
                .Append(CultureInfo.InvariantCulture, $"{Trees} tree(s), {Entries} entries");
            if (Snapshots > 0)
                text.Append(
                    CultureInfo.InvariantCulture, $", {SnapshotPages} free pages kept by {Snapshots} named snapshot(s)");
        }
        else
        {
            text.Append(": no state could be chosen");
        }

        foreach (var problem in Problems)
            text.AppendLine().Append("  ").Append(problem);
        if (ProblemCount > Problems.Count)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  ... and {ProblemCount - Problems.Count} more");
        foreach (var note in Notes)
            text.AppendLine().Append("  note: ").Append(note);
        return text.ToString();
    }
}
