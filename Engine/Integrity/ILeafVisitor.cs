namespace Engine.Integrity;

/// <summary>Is shown every leaf of a tree whose cells can be read, in key order.</summary>
internal interface ILeafVisitor
{
    /// <param name="page">The leaf; the buffer is used again after the call.</param>
    /// <param name="number">Its page number.</param>
    void VisitLeaf(byte[] page, ulong number);
}
