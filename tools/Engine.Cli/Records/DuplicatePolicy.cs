namespace Engine.Cli.Records;

/// <summary>What becomes of a key that has several values (LMDB's DUPSORT).</summary>
internal enum DuplicatePolicy
{
    /// <summary>All values are kept, in a multi-valued tree.</summary>
    Keep,

    /// <summary>A key with a second value ends the work with an error.</summary>
    Fail,

    /// <summary>The first value in LMDB's order is kept.</summary>
    First,

    /// <summary>The last value in LMDB's order is kept.</summary>
    Last,

    /// <summary>
    /// One entry for each key: all values in LMDB's order, each with its length before it (u32, little-endian).
    /// </summary>
    List,

    /// <summary>
    /// One entry for each pair: key, value, length of the key (u16, big-endian) make the new key; its value is empty. A
    /// prefix scan finds the values of a key.
    /// </summary>
    Pairs,
}
