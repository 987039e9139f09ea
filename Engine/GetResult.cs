namespace Engine;

/// <summary>What became of a value that was to be copied into memory of the caller's.</summary>
public enum GetResult
{
    /// <summary>The key is absent.</summary>
    NotFound,

    /// <summary>The value was copied.</summary>
    Found,

    /// <summary>
    /// The key is there, but its value is longer than the destination: nothing was copied. The needed length is told.
    /// </summary>
    DestinationTooSmall,
}
