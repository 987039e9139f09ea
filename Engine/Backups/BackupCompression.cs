namespace Engine;

/// <summary>How the body of a backup stream is compressed.</summary>
public enum BackupCompression
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Brotli (RFC 7932).</summary>
    Brotli = 1,

    /// <summary>zlib (RFC 1950).</summary>
    ZLib = 2,
}
