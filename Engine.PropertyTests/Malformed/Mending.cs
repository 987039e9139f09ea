namespace Engine.PropertyTests.Malformed;

/// <summary>
/// What is made to fit again after the damage, so that it passes the gates before the place that is aimed at.
/// </summary>
internal enum Mending
{
    /// <summary>Nothing: wrong data must never be served.</summary>
    None,

    /// <summary>Every checksum from the leaves to the blocks.</summary>
    Checksums,

    /// <summary>Also heads, and the sum of dead bytes, of every page.</summary>
    ChecksumsAndHeads,
}
