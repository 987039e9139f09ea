using Engine.Trees;

namespace Engine;

/// <content>What changed.</content>
public readonly ref partial struct MultiTreeReader
{
    /// <summary>The pairs that were added and removed since another state of the tree.</summary>
    /// <param name="older">
    /// The tree in another state of the same <see cref="Database"/>, as for <see cref="TreeReader.ChangesSince"/>.
    /// </param>
    /// <exception cref="ArgumentException">It is one of another database.</exception>
    /// <exception cref="TreeOptionsException">Its keys have another fixed length, so it is another tree.</exception>
    public MultiTreeDifference ChangesSince(MultiTreeReader older) => _form.KeySize == older._form.KeySize
        ? new(_pairs.ChangesSince(older._pairs), _form)
        : throw new TreeOptionsException(
            $"The keys of the trees have {_form.KeySize} and {older._form.KeySize} bytes (0: any number), so they are "
            + "no states of one tree: it was dropped and created anew. Read both, and compare the pairs.");

    /// <summary>How it writes its pairs.</summary>
    internal PairForm Form => _form;
}
