namespace Engine.Transactions;

/// <summary>Pages that a transaction writes: one, or the run of an overflow value.</summary>
/// <param name="Page">The first one.</param>
/// <param name="Pages">How many.</param>
/// <param name="Crc">The CRC that is referred to: that of the page, or of the run.</param>
internal readonly record struct WrittenPages(ulong Page, ulong Pages, uint Crc);
