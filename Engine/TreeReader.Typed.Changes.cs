namespace Engine;

/// <content>What changed.</content>
public readonly ref partial struct TreeReader<TKey, TValue>
{
    /// <inheritdoc cref="TreeReader.ChangesSince"/>
    public TreeDifference<TKey, TValue> ChangesSince(TreeReader<TKey, TValue> older) =>
        new(_reader.ChangesSince(older._reader), Tree);
}
