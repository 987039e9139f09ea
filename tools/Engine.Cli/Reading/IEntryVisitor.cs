using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>Is given what an <see cref="EntryWalk"/> comes across, in the order of the keys.</summary>
internal interface IEntryVisitor
{
    /// <summary>An entry, all of which was verified. The spans are valid until the call returns.</summary>
    void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>A page that cannot be read, with everything below it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="bounds">The keys that were below it lie within.</param>
    void LostPage(ulong page, string problem, scoped in NodeBounds bounds);

    /// <summary>An entry whose value cannot be read.</summary>
    /// <param name="page">The first page of the value.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="key">The key of the entry.</param>
    void LostValue(ulong page, string problem, ReadOnlySpan<byte> key);
}
