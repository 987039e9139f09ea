namespace Engine.Space;

/// <summary>A page of the log chain.</summary>
/// <param name="Page">Its number.</param>
/// <param name="Birth">The transaction that wrote it.</param>
/// <param name="Bytes">Bytes of entries in it.</param>
internal readonly record struct LogPageReference(ulong Page, ulong Birth, int Bytes);
