using Engine.Diagnostics;

namespace Engine;

/// <content>The database as its instruments see it.</content>
public sealed partial class Database
{
    /// <summary>
    /// The name that tells it apart from others in metrics, traces and events: <see cref="DatabaseOptions.Name"/>, or
    /// the name of its file.
    /// </summary>
    public string Name => Core.Telemetry.Name;

    private sealed class Measures(Database database) : IMeasured
    {
        public CommitTotals? Commits => database.Core.Writer?.Totals;

        public (long Reusable, long Pending)? FreePages => database.Core.Writer?.SpaceCounts is var (reusable, pending)
            ? ((long)reusable, (long)pending)
            : null;

        public long VerifiedPages => database.Core.VerifiedPages.Count();

        public long FileLength => database.Core.File.Length;

        public PinMeasures MeasurePins()
        {
            var readers = database.GetReaders();

            // Those that have pinned nothing yet are the last.
            var oldest = readers.Count > 0 ? readers[0] : null;
            var largest = LargestOf(readers);
            return new PinMeasures(
                readers.Count,
                oldest?.AgeInTransactions ?? 0,
                oldest?.OutdatedFor.TotalSeconds ?? 0,
                database.IsReadOnly ? null : oldest is null ? 0 : oldest.Pages,
                database.IsReadOnly ? null : largest is null && oldest is { Pages: null } ? null : largest?.Pages ?? 0,
                largest is null ? null : HolderOf(largest));
        }

        /// <summary>Few words, and the same for all that was opened in one place: it is the value of a tag.</summary>
        private static string HolderOf(DatabaseReader reader) =>
            reader.Tag ?? reader.OpenedAt ?? (reader.IsOwn ? "this process" : $"process {reader.ProcessId}");
    }
}
