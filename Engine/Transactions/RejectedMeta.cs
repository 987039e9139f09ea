namespace Engine;

/// <summary>A meta slot whose content an opening did not take.</summary>
/// <param name="Slot">The slot, 0 or 1.</param>
/// <param name="TransactionId">The transaction that it describes; null if that cannot be known.</param>
/// <param name="Reason">Why it was not taken.</param>
/// <param name="Page">The first page that is not as its commit wrote it, if that is the reason.</param>
public sealed record RejectedMeta(int Slot, ulong? TransactionId, RejectionReason Reason, ulong? Page = null)
{
    /// <summary>In words, as a part of a sentence.</summary>
    public override string ToString()
    {
        var meta = TransactionId is { } id ? $"meta slot {Slot} (transaction {id})" : $"meta slot {Slot}";
        return Reason switch
        {
            RejectionReason.WrongChecksum => $"{meta} has a wrong checksum",
            RejectionReason.Empty => $"{meta} is empty",
            RejectionReason.Impossible => $"{meta} has impossible fields",
            RejectionReason.PagesMissing => Page is { } page
                ? $"{meta} was rejected because page {page} is not as it was written"
                : $"{meta} was rejected because its pages are not those that it was written with",
            _ => $"{meta} holds an earlier meta",
        };
    }
}
