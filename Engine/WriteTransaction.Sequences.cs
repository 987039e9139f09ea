namespace Engine;

/// <content>Sequences.</content>
public sealed partial class WriteTransaction
{
    /// <summary>A sequence, to take numbers from. It is looked for by the operations of the writer, not here.</summary>
    /// <param name="sequence">The sequence's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public SequenceWriter this[Sequence sequence]
    {
        get
        {
            _database.CheckOwn(sequence);
            return new SequenceWriter(this, sequence);
        }
    }
}
