using Engine.Transactions;

namespace Engine;

/// <content>
/// Taking trees and entries over from another database as they are stored there, whatever kind of tree they are of.
/// </content>
public sealed partial class WriteTransaction
{
    /// <summary>
    /// Makes, drops, renames and redefines trees, all at once: names may be exchanged. Nothing is done besides: the
    /// index of a tree, and the times at which entries expire, are trees that are moved by themselves. What
    /// <see cref="Snapshot.GetChangedTrees"/> tells, internal trees included, can be done so in a copy.
    /// </summary>
    /// <param name="moves">
    /// What becomes of which tree; each name is in it once as an old one and once as a new one, at most. The default
    /// tree is in none.
    /// </param>
    /// <exception cref="TreeNotFoundException">
    /// A tree that is to be moved is not there; nothing was changed.
    /// </exception>
    /// <exception cref="TreeExistsException">
    /// A new name is that of a tree that does not move; nothing was changed.
    /// </exception>
    /// <exception cref="TreeOptionsException">
    /// A tree would get options other than those that it was made with; nothing was changed.
    /// </exception>
    /// <exception cref="KeyTooLongException">A name is too long; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A load is under way, or a name is one of the engine's own.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A name is there twice, a definition is missing, or a move has no name at all; nothing was changed.
    /// </exception>
    public void MoveTrees(IReadOnlyCollection<TreeMove> moves)
    {
        ArgumentNullException.ThrowIfNull(moves);
        using var entered = Enter(out var context);
        context.MoveTrees(moves);
    }

    /// <summary>
    /// Writes an entry as it is stored in another database: of a multi-valued tree a pair, of one whose entries expire
    /// the time and the value, of an index what it has. It is not looked at what the tree is, and nothing is done
    /// besides: who does not write everything that belongs together leaves an index stale.
    /// </summary>
    /// <param name="tree">The tree's name.</param>
    /// <param name="key">The key, as it is stored.</param>
    /// <param name="value">The value, as it is stored.</param>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction can only be aborted.</exception>
    public void PutStored(Tree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        context.PutStored(tree.Id, key, value);
    }

    /// <summary>Deletes an entry as it is stored in another database; see <see cref="PutStored"/>.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <param name="key">The key, as it is stored.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public bool DeleteStored(Tree tree, ReadOnlySpan<byte> key)
    {
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        return context.DeleteStored(tree.Id, key);
    }
}
