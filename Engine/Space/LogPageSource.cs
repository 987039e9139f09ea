namespace Engine.Space;

/// <summary>
/// Gives the bytes of a page: exactly one page, valid until the next call. The page number lies below the page count.
/// The receiver verifies the bytes.
/// </summary>
internal delegate ReadOnlySpan<byte> LogPageSource(ulong page);
