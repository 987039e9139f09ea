namespace Engine;

/// <summary>Memory on the stack that keys and values are encoded into.</summary>
internal static class Scratch
{
    /// <summary>
    /// In bytes: the longest key of a database with pages of 4 KiB. What is longer is encoded elsewhere.
    /// </summary>
    public const int Length = 1024;
}
