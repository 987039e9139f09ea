namespace Engine;

/// <summary>Ranges of an index by the first parts of its keys, if those are tuples.</summary>
public static class IndexPrefixes
{
    /// <summary>The entries whose keys in the index have this first part, ascending.</summary>
    public static IndexRange<(T1, T2), TKey, TValue> Prefix<T1, T2, TKey, TValue>(
        this IndexReader<(T1, T2), TKey, TValue> reader, T1 first) =>
        reader.Prefix((first, default!), 1);

    /// <summary>The entries whose keys in the index have this first part, ascending.</summary>
    public static IndexRange<(T1, T2, T3), TKey, TValue> Prefix<T1, T2, T3, TKey, TValue>(
        this IndexReader<(T1, T2, T3), TKey, TValue> reader, T1 first) =>
        reader.Prefix((first, default!, default!), 1);

    /// <summary>The entries whose keys in the index have these first two parts, ascending.</summary>
    public static IndexRange<(T1, T2, T3), TKey, TValue> Prefix<T1, T2, T3, TKey, TValue>(
        this IndexReader<(T1, T2, T3), TKey, TValue> reader, T1 first, T2 second) =>
        reader.Prefix((first, second, default!), 2);

    /// <summary>The entries whose keys in the index have this first part, ascending.</summary>
    public static IndexRange<(T1, T2, T3, T4), TKey, TValue> Prefix<T1, T2, T3, T4, TKey, TValue>(
        this IndexReader<(T1, T2, T3, T4), TKey, TValue> reader, T1 first) =>
        reader.Prefix((first, default!, default!, default!), 1);

    /// <summary>The entries whose keys in the index have these first two parts, ascending.</summary>
    public static IndexRange<(T1, T2, T3, T4), TKey, TValue> Prefix<T1, T2, T3, T4, TKey, TValue>(
        this IndexReader<(T1, T2, T3, T4), TKey, TValue> reader, T1 first, T2 second) =>
        reader.Prefix((first, second, default!, default!), 2);

    /// <summary>The entries whose keys in the index have these first three parts, ascending.</summary>
    public static IndexRange<(T1, T2, T3, T4), TKey, TValue> Prefix<T1, T2, T3, T4, TKey, TValue>(
        this IndexReader<(T1, T2, T3, T4), TKey, TValue> reader, T1 first, T2 second, T3 third) =>
        reader.Prefix((first, second, third, default!), 3);
}
