using Engine.Transactions;

namespace Engine;

/// <content>Sequences.</content>
public sealed partial class Database
{
    private Tree<string, long>? _sequences;

    /// <summary>The tree of sequences, for those who read.</summary>
    internal Tree<string, long> Sequences =>
        _sequences ??= GetTree<string, long>(Sequence.TreeName, KeyCodec.Utf8, KeyCodec.Int64);

    /// <summary>
    /// The name of a sequence as a handle. As <see cref="GetTree(string)"/>, this does no I/O and creates nothing: a
    /// sequence begins when the first number is taken. Thread-safe.
    /// </summary>
    /// <param name="name">
    /// Any non-empty string of whole characters (no half of a surrogate pair); its UTF-8 form has at most
    /// <see cref="MaxKeyLength"/> bytes.
    /// </param>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public Sequence GetSequence(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var key = KeyCodec.Utf8.Encode(name);
        return key.Length <= MaxKeyLength
            ? new Sequence(this, new SequenceName(name, key))
            : throw new KeyTooLongException(key.Length, MaxKeyLength);
    }

    internal void CheckOwn(Sequence sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (!ReferenceEquals(sequence.Database, this))
        {
            throw new ArgumentException(
                $"Sequence '{sequence}' is a handle of another database. Get one from this database with GetSequence.",
                nameof(sequence));
        }
    }
}
