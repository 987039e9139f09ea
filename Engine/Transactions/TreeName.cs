using System.Text;
using Engine.Pages;

namespace Engine.Transactions;

/// <summary>
/// A tree's name, and what was last found under it: the cache of names is in the handles themselves, so a name that
/// nobody holds any more costs nothing. The empty name is the default tree's; the catalog has no
/// tree under it.
/// </summary>
/// <param name="text">The name.</param>
/// <param name="form">What the tree's entries are meant as.</param>
/// <param name="isOfEngine">Whether it is the engine that means the tree, and not a program.</param>
internal sealed class TreeName(string text, TreeForm form = TreeForm.Plain, bool isOfEngine = false)
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private TreeEntry? _entry;
    private TreeName? _times;

    public string Text { get; } = text;

    /// <summary>
    /// What the tree's entries are meant as: only so they are put into trees of that form, and into no others.
    /// </summary>
    public TreeForm Form { get; } = form;

    /// <summary>Whether the tree is meant as a multi-valued one.</summary>
    public bool IsOfPairs => Form == TreeForm.Pairs;

    /// <summary>The time index that a tree of this name has if its entries expire.</summary>
    public TreeName Times => _times ??= new TreeName(TreeExpiry.TimesOf(Text), TreeForm.TimeIndex);

    /// <summary>The name as the catalog's key.</summary>
    /// <exception cref="ArgumentException">
    /// Half a surrogate pair has no UTF-8 form; replaced silently it would name another tree.
    /// </exception>
    public byte[] Bytes { get; } = StrictUtf8.GetBytes(text);

    /// <summary>Whether a program means a tree that only the engine writes.</summary>
    public bool IsReserved { get; } = !isOfEngine && text == SnapshotNames.Tree;

    public bool IsDefault => Bytes.Length == 0;

    /// <summary>What the newest catalog that was looked into has under the name; null if none was.</summary>
    public TreeEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>
    /// What the running write transaction has under the name, if its serial is that one's. Only who has entered the
    /// write context looks at it.
    /// </summary>
    public NamedTree? Touched { get; set; }

    /// <summary>
    /// Remembers what a catalog has under the name. Thread-safe: everybody who calls this says the truth about some
    /// catalog, and each entry names the one that it is of; whichever remains, a reader of another catalog sees that it
    /// is not the right one.
    /// </summary>
    public void Remember(ulong catalogId, bool exists, in TreeRecord record, byte[] attributes)
    {
        var known = Entry;
        if (known is not null && known.Exists == exists && known.Record == record
            && known.Attributes.AsSpan().SequenceEqual(attributes))
        {
            known.CatalogId = catalogId;
        }
        else
        {
            Remember(new TreeEntry(catalogId, exists, record, attributes));
        }
    }

    /// <inheritdoc cref="Remember(ulong, bool, in TreeRecord, byte[])"/>
    public void Remember(TreeEntry entry) => Volatile.Write(ref _entry, entry);

    /// <summary>The name behind a key of the catalog.</summary>
    /// <exception cref="DatabaseCorruptException">No name has that key.</exception>
    public static string FromKey(ReadOnlySpan<byte> key, int pageSize)
    {
        var limit = PageLayout.MaxNameLength(pageSize);
        return key.Length <= limit ? Decode(key, "The catalog") : throw new DatabaseCorruptException(
            $"The catalog holds a name of {key.Length} bytes; the longest one has {limit}.");
    }

    /// <summary>The name that a key is the UTF-8 form of.</summary>
    /// <param name="key">The key.</param>
    /// <param name="holder">Where it is, for the message.</param>
    /// <exception cref="DatabaseCorruptException">It is no UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> key, string holder)
    {
        try
        {
            return StrictUtf8.GetString(key);
        }
        catch (DecoderFallbackException e)
        {
            var hex = Convert.ToHexString(key);
            throw new DatabaseCorruptException($"{holder} holds a name that is no UTF-8: {hex}.", e);
        }
    }
}
