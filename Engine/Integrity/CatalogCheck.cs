using System.Text.Unicode;

namespace Engine.Integrity;

/// <summary>The rules of the catalog (section 4): walks it, and every tree that it names as it comes by.</summary>
internal sealed class CatalogCheck : ILeafVisitor, IPlace
{
    private readonly CheckSession _session;
    private readonly TreeWalk _catalogWalk;

    /// <summary>
    /// A second one, with buffers of its own: the walk of the catalog is not over when that of a tree begins.
    /// </summary>
    private readonly TreeWalk _treeWalk;

    /// <summary>Ids seen so far; a few bytes for each tree, whose record in the file is larger.</summary>
    private readonly HashSet<ulong> _ids = [];

    public CatalogCheck(CheckSession session, TreeWalk treeWalk)
    {
        _session = session;
        _treeWalk = treeWalk;
        _catalogWalk = new TreeWalk(session);
    }

    public void Run()
    {
        var meta = _session.Meta;
        _catalogWalk.Walk(meta.Catalog, holder: null, meta.Id, TreeLabel.Catalog, this);
    }

    public void VisitLeaf(byte[] page, ulong number)
    {
        for (var i = 0; i < LeafCheck.Count(page); i++)
        {
            var name = LeafCheck.Entry(page, i, out var isOverflow, out var key, out var value);
            if (name.IsEmpty || !Utf8.IsValid(name))
                Fail(
                    IntegrityRules.CatalogName,
                    number,
                    $"a tree name of at least one byte of UTF-8 in entry {i}",
                    Words.Of(name));
            if (isOverflow || value.End.Value - value.Start.Value != FileFormat.TreeRecordLength)
            {
                var found = isOverflow ? "an overflow run" : $"{value.End.Value - value.Start.Value} bytes";
                Fail(IntegrityRules.CatalogRecord, number, $"an inline tree record of 64 bytes in entry {i}", found);
                _session.AllReached = false;
                continue;
            }

            CheckTree(page, number, key, new TreeRecord(page.AsSpan(value)));
        }
    }

    public string Describe() => _catalogWalk.Describe();

    private void CheckTree(byte[] page, ulong number, Range name, in TreeRecord record)
    {
        var label = new TreeLabel(page.AsMemory(name));
        if (record.Id < FileFormat.FirstNamedTreeId || record.Id >= _session.Meta.NextTreeId)
        {
            Fail(
                IntegrityRules.TreeId, number,
                $"an id of {label} from {FileFormat.FirstNamedTreeId} to {_session.Meta.NextTreeId} (exclusive)",
                $"{record.Id}");
        }

        if (!_ids.Add(record.Id))
            Fail(IntegrityRules.TreeId, number, $"an id of {label} that no other tree has", $"{record.Id}");
        _session.Trees++;
        _session.Entries += _treeWalk.Walk(record, number, FileFormat.U64(page, 16), label);
    }

    private void Fail(string rule, ulong page, string expected, string found) =>
        _session.Problems.Add(rule, this, page, expected, found);
}
