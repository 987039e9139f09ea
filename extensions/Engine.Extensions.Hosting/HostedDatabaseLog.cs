using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting;

/// <summary>
/// What is logged of a database, in the category of <see cref="Database"/> (<c>Engine.Database</c>). The ids and names
/// of the events stay what they are; README.md lists them.
/// </summary>
internal static partial class HostedDatabaseLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Opened database {Database} in {ElapsedMilliseconds:0.0} ms: transaction {TransactionId}, {FileLength} bytes")]
    public static partial void Opened(
        this ILogger logger, string database, double elapsedMilliseconds, ulong transactionId, long fileLength);

    [LoggerMessage(2, LogLevel.Critical, "Database {Database} cannot be opened")]
    public static partial void OpenFailed(this ILogger logger, Exception exception, string database);

    [LoggerMessage(3, LogLevel.Warning, "Database {Database} was recovered: {Report}")]
    public static partial void Recovered(this ILogger logger, string database, RecoveryReport report);

    [LoggerMessage(4, LogLevel.Information, "Closed database {Database} in {ElapsedMilliseconds:0.0} ms")]
    public static partial void Closed(this ILogger logger, string database, double elapsedMilliseconds);

    [LoggerMessage(
        5, LogLevel.Critical, "Database {Database} was closed, and deferred commits that were not durable are lost")]
    public static partial void CloseFailed(this ILogger logger, Exception exception, string database);

    [LoggerMessage(6, LogLevel.Warning, "Leak in database {Database}: {Leak}")]
    public static partial void TransactionForgotten(
        this ILogger logger, string database, ForgottenTransactionEventArgs leak);

    [LoggerMessage(
        7,
        LogLevel.Critical,
        "Database {Database} accepts no further commit: a write to its disk has failed. Restart the application")]
    public static partial void Poisoned(this ILogger logger, Exception exception, string database);

    [LoggerMessage(8, LogLevel.Warning, "Database {Database} is degraded ({Problem}): {Details}")]
    public static partial void Degraded(
        this ILogger logger, string database, HealthProblemKind problem, string details);

    [LoggerMessage(9, LogLevel.Information, "Database {Database} is not degraded any more ({Problem})")]
    public static partial void Restored(this ILogger logger, string database, HealthProblemKind problem);

    [LoggerMessage(
        10, LogLevel.Information, "Swept {Count} readers from database {Database}, whose processes had ended")]
    public static partial void Swept(this ILogger logger, string database, int count);

    [LoggerMessage(11, LogLevel.Warning, "How database {Database} is could not be found out")]
    public static partial void LookFailed(this ILogger logger, Exception exception, string database);
}
