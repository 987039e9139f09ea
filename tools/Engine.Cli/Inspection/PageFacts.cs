using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>What a page is in its file: not by what it says itself, but by what refers to it.</summary>
internal sealed record PageFacts
{
    public required ulong Page { get; init; }

    /// <summary>"leaf of the default tree", "free", "nothing".</summary>
    public required string Role { get; init; }

    /// <summary>What points to it.</summary>
    public PageReference? Reference { get; init; }

    /// <summary>The checksum in the page, or in the first page of its run.</summary>
    public uint? StoredCrc { get; init; }

    /// <summary>What the checksum of the page, or of its run, should be by its bytes.</summary>
    public uint? ComputedCrc { get; init; }

    /// <summary>What is wrong with it; null if nothing is known to be.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the bytes begin with a header of their own: not so in the middle of an overflow run.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The same, where nobody looked for what refers to the page.</summary>
    public PageFacts WithoutRole() => this with { Role = "not looked for (--alone)" };

    public static PageFacts Collect(
        InspectedFile file,
        SpaceLogScan? log,
        PinAnalysis? pins,
        IReadOnlyList<PageReference> references,
        ulong page,
        byte[] bytes,
        CancellationToken cancellation)
    {
        var header = new PageHeader(bytes);
        PageReference? reference = references.Count > 0 ? references[0] : null;
        if (reference?.Run is { } run)
            return OfRun(file, reference, run, page, cancellation);

        uint computed = Crc32C.OfPage(bytes);
        if (header.Kind == OverflowKind && reference is null)
        {
            ulong pages = OverflowPages(header.Length, file.PageSize);
            computed = header.Length <= int.MaxValue && page + pages <= file.PagesInFile
                ? new RunScanner(file.Reader, file.PageSize).Scan(page, header.Length, cancellation, out _)
                : computed;
        }

        string? problem = reference is null ? null
            : computed != reference.Crc
            ? "its bytes are not those that were written: the checksum differs from the one that its reference holds"
            : header.Crc != computed ? "the stored checksum alone is wrong"
            : header.Page != page ? $"it says that it is page {header.Page}"
            : null;
        return new PageFacts
        {
            Page = page,
            Role = reference?.Role ?? RoleWithoutReference(file, log, pins, page),
            Reference = reference,
            StoredCrc = header.Crc,
            ComputedCrc = computed,
            Problem = problem,
        };
    }

    private static PageFacts OfRun(
        InspectedFile file, PageReference reference, OverflowReference run, ulong page, CancellationToken cancellation)
    {
        byte[] first = new byte[file.PageSize];
        bool isWhole = file.TryRead(run.Page, first)
            && run.Length <= int.MaxValue
            && OverflowPages(run.Length, file.PageSize) is var pages
            && pages <= file.PagesInFile && run.Page <= file.PagesInFile - pages;
        uint? computed = isWhole
            ? new RunScanner(file.Reader, file.PageSize).Scan(run.Page, run.Length, cancellation, out _)
            : null;
        return new PageFacts
        {
            Page = page,
            Role = reference.Role,
            Reference = reference,
            StoredCrc = U32(first, 0),
            ComputedCrc = computed,
            Problem = !isWhole ? "the run does not lie within the file"
                : computed != run.Crc
                ? "the run's bytes are not those that were written: its checksum differs from the one in its reference"
                : null,
            HasHeader = page == run.Page,
        };
    }

    private static string RoleWithoutReference(InspectedFile file, SpaceLogScan? log, PinAnalysis? pins, ulong page)
    {
        if (file.Meta is { } meta && page >= meta.PageCount)
            return "behind the last page: its bytes mean nothing";
        if (log is not null && pins is not null)
        {
            foreach (FreeExtent extent in log.Free)
            {
                if (page < extent.First || page - extent.First >= extent.Pages)
                    continue;
                string history = extent.Birth == extent.FreedIn
                    ? "in no snapshot"
                    : $"written by transaction {extent.Birth}, unreachable since {extent.FreedIn}";
                PinnedId[] waitsFor = [.. pins.Pins.Where(pin => extent.IsIn(pin.Transaction))];
                return waitsFor.Length == 0
                    ? $"free and reusable ({history})"
                    : $"free, but needed by pinned transaction "
                        + $"{string.Join(", ", waitsFor.Select(pin => pin.Transaction))} ({history})";
            }
        }

        return "nothing refers to it, and the space log does not call it free";
    }
}
