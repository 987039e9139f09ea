namespace Engine.Integrity;

/// <summary>Is shown every node that a <see cref="TreeDescent"/> comes to, and says where it goes from there.</summary>
internal interface INodeVisitor
{
    /// <summary>Reads a node, judges it, and does with it what there is to do.</summary>
    /// <param name="node">What leads to it. No part of it is believed yet.</param>
    /// <param name="buffer">
    /// Room for its page, which must be in it when the answer is to go on: as a branch all of whose cells lie within
    /// the page. It is used again when what lies below the node has been visited.
    /// </param>
    /// <param name="bounds">The keys that belong below it.</param>
    Descent Visit(in NodeReference node, byte[] buffer, scoped in NodeBounds bounds);
}
