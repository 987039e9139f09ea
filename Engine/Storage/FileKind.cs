namespace Engine.Storage;

/// <summary>What a name leads to.</summary>
internal enum FileKind
{
    /// <summary>The system does not say.</summary>
    Unknown,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link that was not followed.</summary>
    Link,

    /// <summary>
    /// A pipe, a device or a socket, which must be neither waited for nor replaced; opening one may already do
    /// something.
    /// </summary>
    Special,
}
