namespace Engine.Transactions;

/// <summary>A load of a tree that is under way, as its transaction sees it.</summary>
internal interface ILoad
{
    /// <summary>Tells its entries from those of others; given when it begins.</summary>
    int Number { get; set; }

    /// <summary>Entries added so far.</summary>
    long Added { get; }

    /// <summary>Whether there are entries that are not in the tree yet.</summary>
    bool IsSorting { get; }

    /// <summary>
    /// The transaction was rolled back to when so many entries had been added, all of them in the tree.
    /// </summary>
    void RollBackTo(long added);

    /// <summary>The transaction was rolled back to before the load began: there is nothing left of it.</summary>
    void Undo();
}
