namespace Engine;

/// <content>Trees whose entries expire.</content>
public sealed partial class WriteTransaction
{
    /// <summary>
    /// Makes an expiring tree if there is none of that name, and beside it the tree that has the times, whose name is
    /// this one and <c>:expiry</c>.
    /// </summary>
    /// <param name="name">As for <see cref="Database.GetTree(string)"/>; up to seven bytes shorter.</param>
    /// <returns>Its handle, equal to what <see cref="Database.GetExpiringTree"/> gives.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name that is another one.</exception>
    /// <exception cref="TreeExistsException">
    /// There is a tree of the name that the times would have; nothing was changed.
    /// </exception>
    /// <exception cref="KeyTooLongException">The name is too long; nothing was changed.</exception>
    public ExpiringTree CreateExpiringTree(string name)
    {
        var tree = _database.GetExpiringTree(name);
        using var entered = Enter(out var context);
        context.CreateExpiring(tree.Entries.Id);
        return tree;
    }
}
