namespace Engine.Integrity;

/// <summary>Is shown every leaf of a tree whose cells can be read, in key order.</summary>
internal interface ILeafVisitor
{
    /// <summary>Whether leaves may be shown in any order, and by several threads at once.</summary>
    bool TakesAnyOrder { get; }

    /// <param name="page">The leaf; the buffer is used again after the call.</param>
    /// <param name="number">Its page number.</param>
    void VisitLeaf(byte[] page, ulong number);
}
