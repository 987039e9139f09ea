namespace Engine.Cli.Inspection;

/// <summary>The damage that a command came across: the first pieces, and how many there are.</summary>
internal sealed class DamageList
{
    private const int Kept = 100;

    private readonly List<Damage> _first = [];

    public IReadOnlyList<Damage> First => _first;

    public long Count { get; private set; }

    public void Add(ulong? page, ulong pages, string text)
    {
        Count++;
        if (_first.Count < Kept)
            _first.Add(new Damage(page, pages, text));
    }
}
