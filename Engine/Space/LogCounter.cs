namespace Engine.Space;

/// <summary>Counts the bytes that entries take when they are written in one piece.</summary>
internal struct LogCounter : ILogSink
{
    private ulong _transaction;
    private bool _isGroupDue;

    public long Bytes { get; private set; }

    public void Group(ulong transaction)
    {
        _isGroupDue |= transaction != _transaction;
        _transaction = transaction;
    }

    public void Free(Extent pages, ulong birth)
    {
        CountGroup();
        Bytes += LogEncoding.FreeLength(pages, _transaction - birth);
    }

    public void Allocate(Extent pages)
    {
        CountGroup();
        Bytes += LogEncoding.AllocateLength(pages);
    }

    public void Name(LogTag tag, ulong id)
    {
        CountGroup();
        Bytes += LogEncoding.NameLength(id);
    }

    private void CountGroup()
    {
        if (_isGroupDue)
        {
            Bytes += LogEncoding.GroupLength(_transaction);
            _isGroupDue = false;
        }
    }
}
