using System.Text;
using Engine.Pages;

namespace Engine.Transactions;

/// <summary>A tree as the catalog of a state has it.</summary>
/// <param name="Name">Its name; empty for the default tree.</param>
/// <param name="Record">Its record.</param>
/// <param name="Attributes">What stands behind the record; nothing behind most.</param>
internal sealed record CatalogTree(string Name, TreeRecord Record, byte[] Attributes)
{
    /// <summary>What the names of trees begin with that the engine keeps for itself.</summary>
    private const string OwnPrefix = "engine:";

    /// <summary>Whether it is an index, or one that the engine keeps for itself: it follows from other trees.</summary>
    public bool IsInternal =>
        Name.StartsWith(OwnPrefix, StringComparison.Ordinal)
        || (TreeAttributes.TryFind(Attributes, TreeAttributes.ValueCodec, out var codec)
            && Ascii.Equals(codec, IndexDefinition.ValueCodec));
}
