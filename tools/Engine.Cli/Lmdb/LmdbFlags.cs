namespace Engine.Cli.Lmdb;

/// <summary>The flags of a database of LMDB that its record keeps.</summary>
[Flags]
internal enum LmdbFlags
{
    None = 0,

    /// <summary>Keys are compared from their last byte to their first.</summary>
    ReverseKey = 0x02,

    /// <summary>A key may have several values, in order.</summary>
    DupSort = 0x04,

    /// <summary>Keys are native integers of one size, in numeric order.</summary>
    IntegerKey = 0x08,

    /// <summary>With <see cref="DupSort"/>: all values have one size.</summary>
    DupFixed = 0x10,

    /// <summary>With <see cref="DupSort"/>: values are native integers.</summary>
    IntegerDup = 0x20,

    /// <summary>With <see cref="DupSort"/>: values are compared from their last byte to their first.</summary>
    ReverseDup = 0x40,
}
