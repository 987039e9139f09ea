namespace Engine.Sorting;

/// <summary>An entry in the memory of a sort.</summary>
/// <param name="Head">The first eight bytes of the key, big-endian: most comparisons need no more.</param>
/// <param name="Offset">Where key and value lie, one behind the other.</param>
/// <param name="KeyLength">In bytes.</param>
/// <param name="ValueLength">In bytes; -1 for a key whose value is kept elsewhere.</param>
/// <param name="Number">Counts up: of equal keys the last one wins.</param>
internal readonly record struct SortItem(ulong Head, int Offset, int KeyLength, int ValueLength, int Number);
