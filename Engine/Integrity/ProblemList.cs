namespace Engine.Integrity;

/// <summary>Collects problems and notes: keeps the first so many, counts the rest.</summary>
/// <param name="maximum">How many of each are kept.</param>
/// <param name="endsAtFirst">Whether the first problem or note ends the check, with an exception.</param>
internal sealed class ProblemList(int maximum, bool endsAtFirst = false)
{
    private readonly List<IntegrityProblem> _problems = [];
    private readonly List<IntegrityProblem> _notes = [];

    public IReadOnlyList<IntegrityProblem> Problems => _problems;

    public IReadOnlyList<IntegrityProblem> Notes => _notes;

    public long Count { get; private set; }

    public void Add(string rule, IPlace place, ulong? page, string expected, string found, ulong pages = 1)
    {
        Count++;
        Keep(_problems, rule, place, page, expected, found, pages);
    }

    public void Note(string rule, IPlace place, ulong? page, string expected, string found, ulong pages = 1) =>
        Keep(_notes, rule, place, page, expected, found, pages);

    private void Keep(
        List<IntegrityProblem> list, string rule, IPlace place, ulong? page, string expected, string found, ulong pages)
    {
        if (endsAtFirst)
            throw new UnsoundException();
        if (list.Count < maximum)
            list.Add(
                new IntegrityProblem(
                    rule, page, page is null ? 0 : Amount.From(pages), place.Describe(), expected, found));
    }
}
