using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Where a salvage begins.</summary>
/// <param name="Metas">The metas, the best first; none if both are gone.</param>
/// <param name="PageSize">Bytes of a page.</param>
/// <param name="NewerTransaction">
/// A newer state than the first one, which recovery would not take; null if there is none.
/// </param>
internal sealed record SalvageStart(IReadOnlyList<MetaSlot> Metas, int PageSize, ulong? NewerTransaction)
{
    /// <summary>Whether there is no meta whose checksum is right.</summary>
    public bool IsUnconfirmed => Metas.Count == 0 || !Metas[0].HasRightChecksum;
}
