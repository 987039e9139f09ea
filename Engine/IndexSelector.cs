namespace Engine;

/// <summary>Selects the key of an entry in an index that need not have all entries.</summary>
/// <param name="key">The entry's key.</param>
/// <param name="value">The entry's value.</param>
/// <param name="indexKey">Its key in the index.</param>
/// <returns>False if the index is not to have the entry.</returns>
public delegate bool IndexSelector<in TKey, in TValue, TIndexKey>(TKey key, TValue value, out TIndexKey indexKey);
