namespace Engine.Storage;

/// <summary>
/// A write, a flush or a change of length failed. The transaction layer turns it into what it means there: an aborted
/// transaction, or a poisoned database.
/// </summary>
internal sealed class StorageWriteException : IOException
{
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="isFull">Whether space, quota or the limit of the file size is exhausted.</param>
    /// <param name="innerException">The failure behind it.</param>
    public StorageWriteException(string message, bool isFull = false, Exception? innerException = null)
        : base(message, innerException)
    {
        IsFull = isFull;
        if (innerException is not null)
        {
            HResult = innerException.HResult;
        }
    }

    /// <summary>
    /// Whether space, quota or the limit of the file size is exhausted, so that making room would help.
    /// </summary>
    public bool IsFull { get; }
}
