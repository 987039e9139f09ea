namespace Engine.Bench.Peers.Lmdb;

/// <summary>MDB_cursor_op.</summary>
internal enum LmdbCursorOperation
{
    First = 0,
    Last = 6,
    Next = 8,
    Previous = 12,
    SetRange = 17,
}
