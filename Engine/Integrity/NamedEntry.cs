using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>An entry of the tree of names (section 4): a state that is kept, or the very state that has the entry.</summary>
internal sealed class NamedEntry
{
    private const byte OwnFlag = 1;
    private const byte LastKind = 1;

    private readonly byte[] _value;

    private NamedEntry(byte[] name, byte[] value)
    {
        Name = name;
        _value = value;
    }

    public byte[] Name { get; }

    public ulong Id => U64(_value, 0);

    public long Time => (long)U64(_value, 8);

    public bool IsOwn => _value[17] == OwnFlag;

    public StateRoots Roots => new(
        Id, U64(_value, 32), new TreeRecord(_value.AsSpan(40)), new TreeRecord(_value.AsSpan(40 + TreeRecordLength)));

    /// <summary>Reads an entry that has the right length, and judges it.</summary>
    /// <param name="name">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="session">The check, for the meta and the pages that there are.</param>
    /// <param name="problem">What is wrong with it; null if nothing is.</param>
    public static NamedEntry Read(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, CheckSession session, out Finding? problem)
    {
        var entry = new NamedEntry(name.ToArray(), value.ToArray());
        problem = entry.Judge(session) is var (expected, found)
            ? new Finding(IntegrityRules.SnapshotEntry, null, expected, found)
            : null;
        return entry;
    }

    /// <summary>Whether it is of the same state as another entry that has its id.</summary>
    public bool HasRootsOf(NamedEntry other) => _value.AsSpan(24).SequenceEqual(other._value.AsSpan(24));

    private (string Expected, string Found)? Judge(CheckSession session)
    {
        if (_value[16] > LastKind || _value[17] > OwnFlag || FirstNonZero(_value.AsSpan(18..24)) >= 0)
            return ($"kind 0 or {LastKind}, no flag but {OwnFlag}, and zeros", Convert.ToHexString(_value.AsSpan(16, 8)));
        if (Time < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            || Time > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return ("a time from year 1 to year 9999", $"{Time} milliseconds since 1970");
        }

        return IsOwn ? JudgeOwn(session.Meta) : JudgeOther(session);
    }

    private (string Expected, string Found)? JudgeOwn(MetaSlot meta)
    {
        if (Id == 0 || Id > meta.Id || Id != meta.Catalog.Changed)
            return ($"the state {meta.Catalog.Changed}, which has the entry", $"{Id}");
        return FirstNonZero(_value.AsSpan(32)) >= 0
            ? ("no roots in an entry of the very state that has it", "other bytes than zeros from byte 32 on")
            : null;
    }

    private (string Expected, string Found)? JudgeOther(CheckSession session)
    {
        var geometry = session.Geometry;
        var roots = Roots;
        if (Id == 0 || Id >= session.Meta.Id)
            return ($"a state from 1 to {session.Meta.Id - 1}", $"{Id}");
        if (U64(_value, 24) < geometry.FirstPage)
            return ($"a page count of at least {geometry.FirstPage}", $"{U64(_value, 24)}");
        if (roots.NextTreeId < FirstNamedTreeId)
            return ($"a next tree id of at least {FirstNamedTreeId}", $"{roots.NextTreeId}");
        if (roots.DefaultTree.Id != DefaultTreeId || roots.Catalog.Id != CatalogTreeId)
            return ("tree ids 0 and 1 of its roots", $"{roots.DefaultTree.Id} and {roots.Catalog.Id}");
        var found = roots.DefaultTree.Impossibility(geometry.FirstPage, geometry.PageCount)
            ?? roots.Catalog.Impossibility(geometry.FirstPage, geometry.PageCount);
        return found is null ? null : ($"roots that are possible in a file of {geometry.PageCount} pages", found);
    }
}
