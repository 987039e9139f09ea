namespace Engine.Pages;

/// <summary>
/// Where the inserts into one leaf go: many in a row, each just behind the one before, are an ascending run, wherever
/// in the tree it is. Splits favour them. (Runs at the tree's very end need no watching: the <c>AppendFinger</c> of the
/// tree is on them.)
/// </summary>
internal struct InsertRun
{
    /// <summary>So many inserts in a row are taken for a run.</summary>
    private const int Long = 4;

    private ushort _last;
    private ushort _length;

    /// <summary>Whether an insert at an index goes on with a run.</summary>
    public readonly bool IsContinuedAt(int index) => index == _last + 1 && _length >= Long;

    /// <summary>An insert went to an index.</summary>
    public void Note(int index)
    {
        _length = index == _last + 1 ? (ushort)Math.Min(_length + 1, Long) : (ushort)0;
        _last = (ushort)index;
    }

    /// <summary>The leaf was split, and the last insert is now at another index of it.</summary>
    public void MoveTo(int index) => _last = (ushort)index;

    /// <summary>The leaf was filled anew: whatever comes next begins a run.</summary>
    public void End() => _length = 0;
}
