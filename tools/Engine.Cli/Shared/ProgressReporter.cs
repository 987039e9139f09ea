namespace Engine.Cli.Shared;

/// <summary>Tells how far the work is.</summary>
/// <param name="entries">Entries done so far.</param>
/// <param name="amount">How much of the total is done, in the unit of the total.</param>
internal delegate void ProgressUpdate(long entries, long amount);

/// <summary>
/// Shows the progress of something that takes its time, on standard error, so that standard output stays data.
/// </summary>
internal abstract class ProgressReporter
{
    /// <summary>Runs the work, which may report as often as it likes.</summary>
    /// <param name="title">What is being done: "loading words.tsv".</param>
    /// <param name="total">The amount that is everything, if it is known.</param>
    /// <param name="work">The work.</param>
    /// <param name="unit">What is counted; entries if nothing is said.</param>
    public abstract T Run<T>(string title, long? total, Func<ProgressUpdate, T> work, ProgressUnit? unit = null);
}
