namespace Engine;

/// <summary>Ranges by the first parts of keys that are tuples.</summary>
public static class TuplePrefixes
{
    /// <summary>The entries whose keys' first part is this, ascending.</summary>
    public static TreeRange<(T1, T2), TValue> Prefix<T1, T2, TValue>(
        this TreeReader<(T1, T2), TValue> reader, T1 first) =>
        reader.Prefix((first, default!), 1);

    /// <summary>Deletes the entries whose keys' first part is this.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, TValue>(
        this TreeWriter<(T1, T2), TValue> writer, T1 first) =>
        writer.DeletePrefix((first, default!), 1);

    /// <summary>The entries whose keys' first part is this, ascending.</summary>
    public static TreeRange<(T1, T2, T3), TValue> Prefix<T1, T2, T3, TValue>(
        this TreeReader<(T1, T2, T3), TValue> reader, T1 first) =>
        reader.Prefix((first, default!, default!), 1);

    /// <summary>Deletes the entries whose keys' first part is this.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, T3, TValue>(
        this TreeWriter<(T1, T2, T3), TValue> writer, T1 first) =>
        writer.DeletePrefix((first, default!, default!), 1);

    /// <summary>The entries whose keys' first two parts are these, ascending.</summary>
    public static TreeRange<(T1, T2, T3), TValue> Prefix<T1, T2, T3, TValue>(
        this TreeReader<(T1, T2, T3), TValue> reader, T1 first, T2 second) =>
        reader.Prefix((first, second, default!), 2);

    /// <summary>Deletes the entries whose keys' first two parts are these.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, T3, TValue>(
        this TreeWriter<(T1, T2, T3), TValue> writer, T1 first, T2 second) =>
        writer.DeletePrefix((first, second, default!), 2);

    /// <summary>The entries whose keys' first part is this, ascending.</summary>
    public static TreeRange<(T1, T2, T3, T4), TValue> Prefix<T1, T2, T3, T4, TValue>(
        this TreeReader<(T1, T2, T3, T4), TValue> reader, T1 first) =>
        reader.Prefix((first, default!, default!, default!), 1);

    /// <summary>Deletes the entries whose keys' first part is this.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, T3, T4, TValue>(
        this TreeWriter<(T1, T2, T3, T4), TValue> writer, T1 first) =>
        writer.DeletePrefix((first, default!, default!, default!), 1);

    /// <summary>The entries whose keys' first two parts are these, ascending.</summary>
    public static TreeRange<(T1, T2, T3, T4), TValue> Prefix<T1, T2, T3, T4, TValue>(
        this TreeReader<(T1, T2, T3, T4), TValue> reader, T1 first, T2 second) =>
        reader.Prefix((first, second, default!, default!), 2);

    /// <summary>Deletes the entries whose keys' first two parts are these.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, T3, T4, TValue>(
        this TreeWriter<(T1, T2, T3, T4), TValue> writer, T1 first, T2 second) =>
        writer.DeletePrefix((first, second, default!, default!), 2);

    /// <summary>The entries whose keys' first three parts are these, ascending.</summary>
    public static TreeRange<(T1, T2, T3, T4), TValue> Prefix<T1, T2, T3, T4, TValue>(
        this TreeReader<(T1, T2, T3, T4), TValue> reader, T1 first, T2 second, T3 third) =>
        reader.Prefix((first, second, third, default!), 3);

    /// <summary>Deletes the entries whose keys' first three parts are these.</summary>
    /// <returns>How many entries there were.</returns>
    public static long DeletePrefix<T1, T2, T3, T4, TValue>(
        this TreeWriter<(T1, T2, T3, T4), TValue> writer, T1 first, T2 second, T3 third) =>
        writer.DeletePrefix((first, second, third, default!), 3);
}
