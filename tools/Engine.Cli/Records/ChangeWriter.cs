using System.Text;
using System.Text.Unicode;
using Engine.Cli.Shared;
using Engine.Trees;

namespace Engine.Cli.Records;

/// <summary>Writes what changed between two states, a line for each entry, or counts it.</summary>
internal sealed class ChangeWriter
{
    private readonly CommandContext _context;
    private readonly bool _isJson;
    private readonly bool _isCounting;

    /// <param name="context">Where to.</param>
    /// <param name="isJson">Whether as JSON lines.</param>
    /// <param name="isCounting">Whether a line for each tree is enough.</param>
    public ChangeWriter(CommandContext context, bool isJson, bool isCounting)
    {
        _context = context;
        _isJson = isJson;
        _isCounting = isCounting;
    }

    private Output Output => _context.Output;

    /// <summary>Writes what changed in some trees.</summary>
    /// <param name="older">The state before.</param>
    /// <param name="newer">The state after.</param>
    /// <param name="trees">The trees that changed.</param>
    /// <returns>Whether anything did.</returns>
    public bool Write(Snapshot older, Snapshot newer, IEnumerable<ChangedTree> trees)
    {
        bool isAny = false;
        using ReadTransaction before = older.BeginRead();
        using ReadTransaction after = newer.BeginRead();
        foreach (ChangedTree tree in trees)
        {
            TreeKind kind = tree.Newer is { } there ? KindOf(after, there) : KindOf(before, tree.Older!);
            ShownTree shown = new(tree.Name, tree.Kind, tree.Older?.Name) { Of = kind };
            Counts counts = new();

            // A tree that was written to, and has the entries that it had, is not worth a line.
            bool isHeaded = tree.Kind != ChangedTreeKind.Changed;
            if (_isCounting)
            {
                Count(after.ChangesSince(before, tree), counts);
                if (!isHeaded && counts.IsNothing)
                    continue;
                WriteCounts(shown, counts);
                isAny = true;
                continue;
            }

            if (isHeaded)
                WriteTree(shown);
            isAny |= isHeaded;
            isAny |= WriteEntries(after.ChangesSince(before, tree), shown, isHeaded);
        }

        return isAny;
    }

    /// <summary>The kind of a tree that is there.</summary>
    public static TreeKind KindOf(ReadTransaction read, Tree tree) =>
        tree.Id.IsDefault ? TreeKind.Plain : TreeKind.Of(read, tree);

    private bool WriteEntries(TreeDifference changes, ShownTree tree, bool isHeaded)
    {
        bool isAny = false;
        foreach (TreeChange change in changes)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            if (!isAny && !isHeaded)
                WriteTree(tree);
            isAny = true;
            Write(tree, change.Kind, change.Key, change.OldValue, change.NewValue);
        }

        return isAny;
    }

    private static ReadOnlySpan<byte> WithoutTime(ReadOnlySpan<byte> value) =>
        value[Math.Min(ExpiryForm.TimeLength, value.Length)..];

    private void Count(TreeDifference changes, Counts counts)
    {
        TreeDifference.Enumerator walk = changes.GetEnumerator();
        while (walk.MoveNext())
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            counts.Add(walk.CurrentKind);
        }
    }

    public void WriteCounts(ShownTree tree, Counts counts)
    {
        if (_isJson)
        {
            BeginTree(tree);
            Output.WriteLine(
                $",\"added\":{counts.Added},\"changed\":{counts.Changed},\"removed\":{counts.Removed}}}");
            return;
        }

        Output.WriteLine(
            $"{TreeNames.Label(tree.Name)}{What(tree)}: {Human.Count(counts.Added)} added, "
            + $"{Human.Count(counts.Changed)} changed, {Human.Count(counts.Removed)} removed");
    }

    public void WriteTree(ShownTree tree)
    {
        if (!_isJson)
        {
            Output.WriteLine($"tree {TreeNames.Label(tree.Name)}{What(tree)}");
        }
        else if (tree.Kind != ChangedTreeKind.Changed)
        {
            // Each change names its tree.
            BeginTree(tree);
            Output.WriteLine("}");
        }
    }

    private static string What(ShownTree tree) => tree.Kind switch
    {
        ChangedTreeKind.Created => " (created)",
        ChangedTreeKind.Dropped => " (dropped)",
        ChangedTreeKind.Renamed => $" (was {TreeNames.Label(tree.Was!)})",
        _ => "",
    };

    private void BeginTree(ShownTree tree)
    {
        Output.Write("{\"tree\":");
        WriteString(tree.Name);
        Output.Write($",\"is\":\"{tree.Kind.ToString().ToLowerInvariant()}\"");
        if (tree.Kind == ChangedTreeKind.Renamed)
        {
            Output.Write(",\"was\":");
            WriteString(tree.Was!);
        }
    }

    /// <summary>Writes a change of an entry as it is stored: as a pair, or without its time, where it is so.</summary>
    public void Write(
        ShownTree tree,
        ChangeKind kind,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> oldValue,
        ReadOnlySpan<byte> newValue)
    {
        if (tree.Of.IsMultiValued && kind != ChangeKind.Changed)
        {
            Entry pair = Pair.Entry(tree.Of.Form, new Entry(key, kind == ChangeKind.Added ? newValue : oldValue));
            key = pair.Key;
            oldValue = newValue = pair.Value;
        }
        else if (tree.Of.IsExpiring)
        {
            oldValue = WithoutTime(oldValue);
            newValue = WithoutTime(newValue);
        }

        if (_isJson)
        {
            WriteJson(tree, kind, key, oldValue, newValue);
            return;
        }

        Output.Write(kind switch { ChangeKind.Added => "+ ", ChangeKind.Removed => "- ", _ => "~ " });
        ReadableText.Write(Output, key);
        if (kind != ChangeKind.Added)
        {
            Output.Write('\t');
            ReadableText.Write(Output, oldValue);
        }

        if (kind != ChangeKind.Removed)
        {
            Output.Write('\t');
            ReadableText.Write(Output, newValue);
        }

        Output.Write('\n');
    }

    private void WriteJson(
        ShownTree tree,
        ChangeKind kind,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> oldValue,
        ReadOnlySpan<byte> newValue)
    {
        Output.Write("{\"tree\":");
        WriteString(tree.Name);
        Output.Write($",\"change\":\"{kind.ToString().ToLowerInvariant()}\",");
        WriteProperty(JsonLinesReader.Key, key);
        if (kind != ChangeKind.Added)
        {
            Output.Write(',');
            WriteProperty("old", oldValue);
        }

        if (kind != ChangeKind.Removed)
        {
            Output.Write(',');
            WriteProperty("new", newValue);
        }

        Output.WriteLine("}");
    }

    private void WriteString(string text) => JsonText.WriteString(Output, Encoding.UTF8.GetBytes(text));

    private void WriteProperty(string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            Output.Write($"\"{name}\":");
            JsonText.WriteString(Output, bytes);
        }
        else
        {
            Output.Write($"\"{name}{JsonLinesReader.Base64Suffix}\":");
            JsonText.WriteBase64(Output, bytes);
        }
    }

    /// <summary>How many entries of a tree changed.</summary>
    internal sealed class Counts
    {
        public long Added { get; private set; }

        public long Changed { get; private set; }

        public long Removed { get; private set; }

        public bool IsNothing => Added + Changed + Removed == 0;

        public void Add(ChangeKind kind)
        {
            Added += kind == ChangeKind.Added ? 1 : 0;
            Changed += kind == ChangeKind.Changed ? 1 : 0;
            Removed += kind == ChangeKind.Removed ? 1 : 0;
        }
    }

    /// <summary>A tree in whose entries something changed.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Kind">What became of it.</param>
    /// <param name="Was">Its name before; null if it was not there.</param>
    internal sealed record ShownTree(string Name, ChangedTreeKind Kind, string? Was)
    {
        /// <summary>What it is, so that its entries are shown as what they mean.</summary>
        public TreeKind Of { get; init; } = TreeKind.Plain;
    }
}
