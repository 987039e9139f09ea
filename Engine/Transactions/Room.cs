using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// What follows when pages that nothing refers to yet could not be written. Whoever wrote has taken back what it had
/// numbered. If the disk was full, room is made, and there is one more attempt; otherwise the caller is told.
/// </summary>
/// <param name="name">The database.</param>
/// <param name="make">Makes room; says whether there are more pages to be had now.</param>
internal sealed class Room(string name, Func<bool> make)
{
    /// <summary>Returns if it should be tried once more.</summary>
    /// <param name="failure">What writing said.</param>
    /// <param name="isRetry">Whether that was the second attempt.</param>
    /// <param name="what">What could not be written.</param>
    /// <param name="advice">What has become of the transaction, or what is to be done with it.</param>
    /// <exception cref="DatabaseFullException">There is no room.</exception>
    /// <exception cref="DatabaseException">It failed for another reason.</exception>
    public void MakeOrThrow(StorageWriteException failure, bool isRetry, string what, string advice)
    {
        if (!failure.IsFull)
        {
            throw new DatabaseException(
                $"{what} could not be written to '{name}': {failure.Message} {advice} Nothing committed is lost.", failure);
        }

        if (isRetry || !make())
        {
            throw new DatabaseFullException(
                $"{what} could not be written to '{name}', because there is no room: {failure.Message} {advice} "
                + "Nothing committed is lost. Free some space and try again.",
                failure);
        }
    }
}
