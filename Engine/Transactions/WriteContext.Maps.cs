using Engine.Storage;

namespace Engine.Transactions;

/// <content>What a transaction reads through while it makes the file grow.</content>
internal sealed partial class WriteContext
{
    // Whether cursors were handed out, whose pages may lie in any map that the transaction has used.
    private bool _isLookedInto;

    /// <summary>
    /// A map of so many pages, to which everything was written that lies in them. Maps that only this transaction has used go, unless somebody looks into them: whoever
    /// goes on in the trees after this attaches the source to the new one.
    /// </summary>
    public MapGeneration Cover(ulong pageCount) => _maps.Covering((long)pageCount * _pageSize, _isLookedInto);

    /// <summary>After pages were written before the commit: maps them, so that the transaction itself can read them.</summary>
    private void CoverWritten() =>

        // Pages of the base state that are not verified yet are not younger than it; those of this transaction are marked or dirty.
        _source.Attach(Cover(_space.PageCount), _space.PageCount, _base.Id, _verified, _dirty);
}
