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

    private readonly PairCheck _pairCheck;
    private readonly ExpiryCheck _expiryCheck;

    public CatalogCheck(CheckSession session, TreeWalk treeWalk)
    {
        _pairCheck = new PairCheck(session, treeWalk);
        _expiryCheck = new ExpiryCheck(session, treeWalk);
        _session = session;
        _treeWalk = treeWalk;
        _catalogWalk = new TreeWalk(session);
    }

    /// <summary>Shows the entries of the tree of names; null if they mean nothing.</summary>
    public NamesCheck? Names { get; init; }

    public bool TakesAnyOrder => false;

    public void Run()
    {
        var state = _session.State;
        _catalogWalk.Walk(state.Catalog, holder: null, state.Id, TreeLabel.Catalog, this);

        // Of a named snapshot only what other states do not have is walked.
        if (_session.Snapshot is null)
            _expiryCheck.Compare(this);
    }

    public void VisitLeaf(byte[] page, ulong number)
    {
        for (var i = 0; i < LeafCheck.Count(page); i++)
        {
            var name = LeafCheck.Entry(page, i, out var isOverflow, out var key, out var value);
            var length = value.End.Value - value.Start.Value;
            if (name.IsEmpty && !_session.IsOld)
            {
                CheckDatabaseAttributes(isOverflow ? null : page[value], number);
                continue;
            }

            if (name.IsEmpty || !Utf8.IsValid(name))
                Fail(
                    IntegrityRules.CatalogName,
                    number,
                    $"a tree name of at least one byte of UTF-8 in entry {i}",
                    Words.Of(name));
            if (isOverflow
                || (_session.IsOld ? length != FileFormat.TreeRecordLength : length < FileFormat.TreeRecordLength))
            {
                var found = isOverflow ? "an overflow run" : $"{length} bytes";
                Fail(IntegrityRules.CatalogRecord, number, $"an inline tree record of 64 bytes in entry {i}", found);
                _session.MissSomething();
                continue;
            }

            var (keySize, expiry) = _session.IsOld
                ? (-1, -1)
                : CheckAttributes(page.AsSpan(value)[FileFormat.TreeRecordLength..], number, i);
            CheckTree(page, number, key, new TreeRecord(page.AsSpan(value)), keySize, expiry);
        }
    }

    public string Describe() => _catalogWalk.Describe();

    /// <summary>Gives what the attributes tell of keys and of expiry; -1 where they do not.</summary>
    private (int KeySize, int Expiry) CheckAttributes(ReadOnlySpan<byte> list, ulong number, int entry)
    {
        if (AttributeListCheck.Find(list, out var required, out var keySize, out var expiry) is { } wrong)
            Fail(IntegrityRules.AttributeList, number, $"{wrong.Expected} in entry {entry}", wrong.Found);
        if (required >= 0)
        {
            Fail(
                IntegrityRules.AttributeRequired, number, $"no attribute that must be known in entry {entry}",
                $"tag {required}");
        }

        return (keySize, expiry);
    }

    /// <summary>What stands under the empty key, which no tree has for its name; null for an overflow run.</summary>
    private void CheckDatabaseAttributes(byte[]? list, ulong number)
    {
        const string Rule = IntegrityRules.DatabaseAttributes;
        if (list is null)
        {
            Fail(Rule, number, "an inline list of attributes of the database", "an overflow run");
            return;
        }

        if (AttributeListCheck.Find(list, out var required, out var keySize, out var expiry) is { } wrong)
            Fail(Rule, number, $"{wrong.Expected} of the database", wrong.Found);
        if (required >= 0)
            Fail(Rule, number, "no attribute of the database that must be known", $"tag {required}");
        else if (keySize >= 0)
            Fail(Rule, number, "no length of keys of the database", $"{keySize}");
        else if (expiry >= 0)
            Fail(Rule, number, "no expiry of the database", $"{expiry}");
    }

    private void CheckTree(byte[] page, ulong number, Range name, in TreeRecord record, int keySize, int expiry)
    {
        var label = new TreeLabel(page.AsMemory(name));
        if (record.Id < FileFormat.FirstNamedTreeId || record.Id >= _session.State.NextTreeId)
        {
            Fail(
                IntegrityRules.TreeId, number,
                $"an id of {label} from {FileFormat.FirstNamedTreeId} to {_session.State.NextTreeId} (exclusive)",
                $"{record.Id}");
        }

        if (!_ids.Add(record.Id))
            Fail(IntegrityRules.TreeId, number, $"an id of {label} that no other tree has", $"{record.Id}");
        var isOfPairs = (record.Flags & FileFormat.MultimapTree) != 0;
        var limit = isOfPairs ? _session.Geometry.KeyLimit : 0;
        if (keySize == 0 || keySize > limit)
        {
            var expected = isOfPairs ? $"a length of the keys of {label} from 1 to {limit}" : $"no length of the keys";
            Fail(IntegrityRules.KeySize, number, expected, $"{keySize}");
        }

        if (isOfPairs && expiry >= 0)
            Fail(IntegrityRules.ExpiryTree, number, $"no expiry of {label}, which is multi-valued", $"{expiry}");
        _pairCheck.KeySize = Math.Max(0, keySize);
        ILeafVisitor? visitor = isOfPairs ? _pairCheck : expiry >= 0 ? _expiryCheck : null;
        if (visitor == _expiryCheck)
            _expiryCheck.Begin(page.AsSpan(name), isIndex: expiry == FileFormat.TimeIndex);
        if (Names is not null && page.AsSpan(name).SequenceEqual(FileFormat.SnapshotTree))
        {
            visitor = Names;
            if (record.Flags != 0)
                Fail(IntegrityRules.SnapshotEntry, number, $"no flags of {label}", $"{record.Flags}");
        }

        _session.CountTree(_treeWalk.Walk(record, number, FileFormat.U64(page, 16), label, visitor));
    }

    private void Fail(string rule, ulong page, string expected, string found) =>
        _session.Problems.Add(rule, this, page, expected, found);
}
