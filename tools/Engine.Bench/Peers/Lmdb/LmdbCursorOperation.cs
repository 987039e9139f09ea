namespace Engine.Bench.Peers.Lmdb;

/// <summary>MDB_cursor_op.</summary>
internal enum LmdbCursorOperation
{
    First = 0,
    GetBoth = 2,
    Last = 6,
    Next = 8,
    NextDuplicate = 9,
    Previous = 12,
    Set = 15,
    SetRange = 17,
}
