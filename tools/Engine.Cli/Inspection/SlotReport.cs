using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>
/// What can be said of the two meta slots, and of the choice between them (docs/format.md, section 10).
/// </summary>
internal sealed class SlotReport
{
    private readonly InspectedFile _file;
    private readonly string[] _status = new string[2];
    private readonly bool[] _isValid = new bool[2];
    private readonly Finding?[] _mismatch = new Finding?[2];

    public SlotReport(InspectedFile file, CancellationToken cancellation)
    {
        _file = file;
        for (int i = 0; i < 2; i++)
            _status[i] = Judge(file.Slots[i], cancellation);
        Verdict = Decide();
    }

    /// <summary>Which meta is taken, and why.</summary>
    public string Verdict { get; }

    /// <summary>Whether a slot is valid, and if not, what is wrong.</summary>
    public string Status(int slot) => _status[slot];

    public bool IsValid(int slot) => _isValid[slot];

    /// <summary>Whether the pages of the slot's commit are all there; null if the slot is not valid.</summary>
    public bool? PagesMatch(int slot) => _isValid[slot] ? _mismatch[slot] is null : null;

    /// <summary>
    /// Whether the pages that a verified commit lists are there; for an ordered one there is nothing to verify.
    /// </summary>
    public string Pages(int slot) => !_isValid[slot] ? ""
        : !_file.Slots[slot].IsVerified ? "flushed before it"
        : _mismatch[slot] is null ? "all match" : "do not match";

    public static string ClassOf(MetaSlot slot) =>
        slot.CommitClass switch { 1 => "verified", 2 => "ordered", _ => $"unknown ({slot.CommitClass})" };

    private string Judge(MetaSlot slot, CancellationToken cancellation)
    {
        if (slot.IsZero)
            return "empty";
        if (!slot.HasRightChecksum)
            return _file.IsLive ? "torn, or being written" : "torn: wrong checksum";
        if (_file.Superblock is not { } superblock)
            return "right checksum";
        var problems = new ProblemList(1);
        _isValid[slot.Index] = MetaCheck.IsValid(slot, superblock, problems);
        if (!_isValid[slot.Index])
            return $"not valid: {problems.Problems[0].Rule}: expected {problems.Problems[0].Expected}, found "
                + $"{problems.Problems[0].Found}";
        if (slot.IsVerified)
            _mismatch[slot.Index] =
                new RunListVerification(_file.Reader, _file.Length, _file.PageSize, cancellation).Verify(slot);
        return "valid";
    }

    private string Decide()
    {
        if (_file.Meta is not { } meta)
            return $"recovery takes none: {_file.Refusal}";
        if (_file.Refusal is { } refusal)
            return $"recovery takes none: {refusal} What follows is slot {meta.Index}.";
        if (_file.IsLive)
            return $"shown is slot {meta.Index}: it holds transaction {meta.Id}, which {_file.Lock!.DescribeWriter()} "
                + $"has published; nothing is recovered beside a live writer";
        int other = 1 - meta.Index;
        if (_mismatch[other] is { } mismatch && _file.Slots[other].Id > meta.Id)
        {
            return $"recovery takes slot {meta.Index}: commit {_file.Slots[other].Id} in slot {other} is newer but not "
                + $"all there ({Describe(mismatch)}), so the transaction that it names as durable is taken";
        }

        string why = meta.IsVerified
            ? $"the {ListedPages(meta)} pages that it lists are there"
            : "it is ordered: its pages were flushed before it was written";
        return _isValid[other]
            ? $"recovery takes slot {meta.Index}: its id is the higher one ({meta.Id} against "
                + $"{_file.Slots[other].Id}), and {why}"
            : $"recovery takes slot {meta.Index}: it is the only valid one, and {why}";
    }

    private ulong ListedPages(MetaSlot meta)
    {
        ulong pages = 0;
        var list = new RunListReader(_file.Reader, _file.Length, _file.PageSize, CancellationToken.None);
        if (list.Read(meta) is null)
        {
            foreach ((_, ulong listed) in list.Runs)
                pages += listed;
        }

        return pages;
    }

    private static string Describe(Finding mismatch) =>
        $"{(mismatch.Page is { } page ? $"page {page}: " : "")}expected {mismatch.Expected}, found {mismatch.Found}";
}
