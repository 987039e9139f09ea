using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <content>What makes, renames and drops trees.</content>
public sealed partial class WriteTransaction
{
    /// <summary>
    /// Makes a tree without options if there is none of that name; one that is there may have any.
    /// </summary>
    /// <param name="name">As for <see cref="Database.GetTree"/>.</param>
    /// <returns>Its handle, equal to what <see cref="Database.GetTree"/> gives.</returns>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    public Tree CreateTree(string name)
    {
        var tree = _database.GetTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Id, flags: null);
        return tree;
    }

    /// <summary>Makes a tree with options if there is none of that name.</summary>
    /// <param name="name">As for <see cref="Database.GetTree"/>.</param>
    /// <param name="options">What it is to be, or is.</param>
    /// <returns>Its handle, equal to what <see cref="Database.GetTree"/> gives.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name with other options.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The options are none of those that there are.</exception>
    public Tree CreateTree(string name, TreeOptions options)
    {
        if (((TreeFlags)options & ~TreeFlags.Known) != TreeFlags.None)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "There are no such options of trees.");
        }

        var tree = _database.GetTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Id, (TreeFlags)options);
        return tree;
    }

    /// <summary>Makes a multi-valued tree if there is none of that name.</summary>
    /// <param name="name">As for <see cref="Database.GetTree(string)"/>.</param>
    /// <param name="options">What it is to be besides, or is; that it is multi-valued need not be said.</param>
    /// <param name="keySize">
    /// The length of all keys in bytes, up to <see cref="Database.MaxKeyLength"/>, or 0 if they have different ones.
    /// Keys that all have one length take less room if that is said.
    /// </param>
    /// <returns>Its handle, equal to what <see cref="Database.GetMultiTree"/> gives.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name that is another one.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The options are none of those that there are, or the key size is negative or above the limit.
    /// </exception>
    public MultiTree CreateMultiTree(string name, TreeOptions options = TreeOptions.None, int keySize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keySize);
        var flags = (TreeFlags)options | TreeFlags.Multimap;
        if ((flags & ~TreeFlags.Known) != TreeFlags.None)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "There are no such options of trees.");
        }

        var tree = _database.GetMultiTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Pairs.Id, flags, new PairForm(keySize));
        return tree;
    }

    /// <summary>
    /// Makes a tree with its codecs and indexes if there is none of that name. If there is one that is empty, it gets
    /// the codecs if it has none, and the indexes that it lacks. (One with entries gets indexes by
    /// <see cref="BuildIndexes"/>.)
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="CodecMismatchException">
    /// There is a tree of that name that has other codecs, or none and entries. Nothing was changed.
    /// </exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of codecs and indexes are too long.</exception>
    public Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree) => CreateTree(tree, flags: null);

    /// <summary>
    /// Makes a tree with its codecs and with options if there is none of that name. If there is one that is empty and
    /// has these options and no codecs, it gets the codecs.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="options">What it is to be, or is: counted, or nothing.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name with other options.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or has entries and no codecs.</exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of codecs and indexes are too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The options are none of those that there are, or one that typed trees cannot have.
    /// </exception>
    public Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree, TreeOptions options)
    {
        if ((options & ~TreeOptions.Counted) != TreeOptions.None)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options, "A typed tree is counted or it is not; it has no other options.");
        }

        return CreateTree(tree, (TreeFlags)options);
    }

    private Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree, TreeFlags? flags)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        tree.Use();
        using var entered = Enter(out var context);
        context.Create(tree.Untyped.Id, tree.Codecs, flags, tree.IndexDefinitions, tree.IndexNames);
        tree.RequireCodecs(context.AttributesOf(tree.Untyped.Id));
        return tree;
    }

    /// <summary>
    /// Gives codecs to a tree that was made without: its bytes have to be encodings of these already. Every entry is
    /// decoded to make sure. Does nothing if the tree has these codecs.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs.</exception>
    /// <exception cref="InvalidEncodingException">An entry is none of these codecs. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of the codecs are too long.</exception>
    public Tree<TKey, TValue> AdoptCodecs<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        if (HasCodecs(tree))
        {
            return tree;
        }

        Read(tree, static (read, tree) =>
        {
            foreach (var (key, value) in read[tree.Untyped].All())
            {
                _ = tree.KeyCodec.Decode(key);
                _ = tree.ValueCodec.Decode(value);
            }

            return true;
        });
        using var entered = Enter(out var context);
        context.Adopt(tree.Untyped.Id, tree.Codecs);
        return tree;
    }

    /// <summary>
    /// Removes a named tree with all its entries, and its indexes. O(pages): each page is read for its birth.
    /// </summary>
    /// <param name="tree">
    /// The tree's name. After <see cref="RenameTree(Tree, string)"/> that is the new one: the old handle names nothing
    /// any more, and this throws rather than doing nothing while the tree lives on.
    /// </param>
    /// <exception cref="TreeNotFoundException">
    /// There is no such tree; nothing was changed. <see cref="TryDropTree(Tree)"/> does not mind.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The default tree cannot be dropped: <see cref="TreeWriter.Clear"/> empties it.
    /// </exception>
    public void DropTree(Tree tree)
    {
        if (!TryDropTree(tree))
        {
            throw new TreeNotFoundException(
                $"There is no tree '{tree.Name}' to drop. If it was renamed, use the handle that RenameTree returned; "
                + "if it need not exist, TryDropTree.");
        }
    }

    /// <inheritdoc cref="DropTree(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public void DropTree(string name) => DropTree(_database.GetTree(name));

    /// <summary>As <see cref="DropTree(Tree)"/>, for a tree that need not exist.</summary>
    /// <param name="tree">The tree's name; a handle does not follow a tree that was renamed.</param>
    /// <returns>Whether there was a tree under this name. False says nothing about trees under other names.</returns>
    /// <exception cref="InvalidOperationException">
    /// The default tree cannot be dropped: <see cref="TreeWriter.Clear"/> empties it.
    /// </exception>
    public bool TryDropTree(Tree tree)
    {
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        return context.Drop(tree.Id);
    }

    /// <inheritdoc cref="TryDropTree(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public bool TryDropTree(string name) => TryDropTree(_database.GetTree(name));

    /// <summary>
    /// Gives a named tree another name; its indexes keep theirs.
    /// A handle is a name and does not follow the tree: use the one that is returned.
    /// The old one now names nothing: reading, writing and <see cref="DropTree(Tree)"/> with it throw
    /// <see cref="TreeNotFoundException"/>, <see cref="TryDropTree(Tree)"/> and <see cref="TreeExists(Tree)"/> return
    /// false, and <see cref="CreateTree(string)"/> under the old name makes a new tree. To the same name: changes
    /// nothing.
    /// </summary>
    /// <param name="tree">The tree's name until now.</param>
    /// <param name="newName">As for <see cref="Database.GetTree"/>.</param>
    /// <returns>The handle of the new name.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeExistsException">The new name is taken.</exception>
    /// <exception cref="KeyTooLongException">The new name is too long.</exception>
    /// <exception cref="InvalidOperationException">The default tree cannot be renamed.</exception>
    public Tree RenameTree(Tree tree, string newName)
    {
        var target = _database.GetTree(newName);
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        context.Rename(tree.Id, target.Id);

        return target;
    }

    /// <inheritdoc cref="RenameTree(Tree, string)" path="/summary|/returns|/exception"/>
    /// <param name="name">The tree's name until now.</param>
    /// <param name="newName">As for <see cref="Database.GetTree"/>.</param>
    public Tree RenameTree(string name, string newName) => RenameTree(_database.GetTree(name), newName);

    private bool HasCodecs<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var entered = EnterToRead(out var context);
        var attributes = context.AttributesOf(tree.Untyped.Id);
        context.RequireCodecsAllowed(tree.Untyped.Id);
        if (TreeCodecs.From(attributes).IsNone)
        {
            return false;
        }

        tree.RequireCodecs(attributes);
        return true;
    }
}
