using Engine.Cli.Inspection;
using Engine.Cli.Reading;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// The records of trees in leaves of catalogs to which nothing leads: of a catalog that is damaged, and of former ones.
/// A record holds the CRC of its root, so what can be walked from there is a tree as it was. Of each tree the newest
/// few records are kept.
/// </summary>
internal sealed class FoundRecords
{
    /// <summary>
    /// So many former states of a tree are worth walking: what the newest ones have in common with the lost one is
    /// nearly all.
    /// </summary>
    private const int KeptRecords = 4;

    private readonly Dictionary<ulong, List<(ulong Birth, NamedRecord Tree)>> _trees = [];

    private FoundRecords()
    {
    }

    /// <summary>By tree, and of each tree the newest first. The name is the newest one that is known.</summary>
    public IEnumerable<(string Name, IReadOnlyList<NamedRecord> Records)> Trees => _trees
        .OrderBy(tree => tree.Value[0].Tree.Name, StringComparer.Ordinal)
        .Select(tree =>
            (tree.Value[0].Tree.Name, (IReadOnlyList<NamedRecord>)[.. tree.Value.Select(found => found.Tree)]));

    public static FoundRecords Read(SalvagePages pages, FileSurvey survey)
    {
        var found = new FoundRecords();
        byte[] leaf = new byte[pages.Geometry.PageSize];
        foreach (ulong page in pages.In(survey.Catalogs))
        {
            pages.Reader.Read((long)page * pages.Geometry.PageSize, leaf);
            int count = new PageHeader(leaf).Count;
            for (int i = 0; i < count; i++)
            {
                _ = LeafCell.TryRead(leaf, count, i, out LeafCell cell);
                if (cell.KeyLength == 0)
                    continue;
                found.Add(
                    new PageHeader(leaf).Birth,
                    NamedRecord.Readable(CatalogNames.Of(cell.Key(leaf)), cell.Value(leaf)));
            }
        }

        return found;
    }

    private void Add(ulong birth, NamedRecord tree)
    {
        if (tree.IsOfSnapshots)
            return;
        TreeRecord record = tree.Record;
        if (!_trees.TryGetValue(record.Id, out List<(ulong Birth, NamedRecord Tree)>? records))
            _trees.Add(record.Id, records = []);
        int same = records.FindIndex(other => other.Tree.Record.Root == record.Root
            && other.Tree.Record.RootCrc == record.RootCrc);
        if (same >= 0 && records[same].Birth >= birth)
            return;
        if (same >= 0)
            records.RemoveAt(same);
        int at = records.FindIndex(other => other.Birth <= birth);
        records.Insert(at < 0 ? records.Count : at, (birth, tree));
        if (records.Count > KeptRecords)
            records.RemoveAt(KeptRecords);
    }
}
