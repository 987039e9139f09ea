using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// What follows when pages that nothing refers to yet could not be written: if the disk was full, whoever wrote takes
/// back what it had numbered, room is made, and there is one more attempt. Otherwise the caller is told.
/// </summary>
/// <param name="name">The database.</param>
/// <param name="make">Makes room; says whether there are more pages to be had now.</param>
internal sealed class Room(string name, Func<bool> make)
{
    /// <summary>First: returns if another attempt may help.</summary>
    /// <param name="failure">What writing said.</param>
    /// <param name="isRetry">Whether that was the second attempt.</param>
    /// <param name="what">What could not be written.</param>
    /// <param name="advice">What has become of the transaction, or what is to be done with it.</param>
    /// <exception cref="DatabaseFullException">There is still no room.</exception>
    /// <exception cref="DatabaseException">It failed for another reason.</exception>
    public void RequireFirstFull(StorageWriteException failure, bool isRetry, string what, string advice)
    {
        if (!failure.IsFull)
        {
            throw new DatabaseException(
                $"{what} could not be written to '{name}': {failure.Message} {advice} Nothing committed is lost.",
                failure);
        }

        if (isRetry)
        {
            throw Full(failure, what, advice);
        }
    }

    /// <summary>Second, when what had been numbered is taken back: makes room for another attempt.</summary>
    /// <param name="failure">What writing said.</param>
    /// <param name="what">What could not be written.</param>
    /// <param name="advice">What has become of the transaction, or what is to be done with it.</param>
    /// <exception cref="DatabaseFullException">None can be made.</exception>
    public void Make(StorageWriteException failure, string what, string advice)
    {
        if (!make())
        {
            throw Full(failure, what, advice);
        }
    }

    private DatabaseFullException Full(StorageWriteException failure, string what, string advice) => new(
        $"{what} could not be written to '{name}', because there is no room: {failure.Message} {advice} "
        + "Nothing committed is lost. Free some space and try again.",
        failure);
}
