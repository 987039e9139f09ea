using Engine.Storage;

namespace Engine.Transactions;

/// <content>What a transaction reads through while it makes the file grow.</content>
internal sealed partial class WriteContext
{
    // Whether cursors were handed out, whose pages may lie in any map that the transaction has used.
    private bool _isLookedInto;

    /// <summary>
    /// After pages were written: a map of so many pages, through which the transaction itself goes on reading. Maps
    /// that only this transaction has used go, unless somebody looks into them.
    /// </summary>
    public MapGeneration Cover(ulong pageCount)
    {
        var map = _maps.Covering((long)pageCount * _pageSize, _isLookedInto);

        // Pages of the base state that are not verified yet are not younger than it; those of this transaction are
        // marked or dirty.
        _source.Attach(map, pageCount, _base.Id, _verified, _dirty);
        return map;
    }
}
