namespace Engine.Integrity;

/// <summary>What a tree is called in messages; the name stays in its catalog leaf until somebody asks.</summary>
internal readonly struct TreeLabel
{
    private readonly string? _fixed;
    private readonly ReadOnlyMemory<byte> _name;

    private TreeLabel(string text) => _fixed = text;

    public TreeLabel(ReadOnlyMemory<byte> name) => _name = name;

    public static TreeLabel Default { get; } = new("default tree");

    public static TreeLabel Catalog { get; } = new("catalog");

    public override string ToString() => _fixed ?? "tree " + Words.Of(_name.Span);
}
