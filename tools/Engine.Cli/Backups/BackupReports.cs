using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Backups;

/// <summary>What the commands for backups say of them.</summary>
internal static class BackupReports
{
    /// <summary>One backup in words: "full, transaction 8, 568 pages in 2.23 MiB".</summary>
    public static string Describe(BackupInfo info, Presentation show)
    {
        string kind = info.IsFull ? "full" : $"since transaction {info.BaseId}";
        string compression = info.Compression == BackupCompression.None ? "" : $", {Name(info.Compression)}";
        return $"transaction {info.TransactionId}, {kind}: {Human.Count(info.Pages ?? 0, "page", "pages")} in "
            + $"{show.Size(info.Bytes ?? 0)}{compression}";
    }

    public static void WriteFields(Utf8JsonWriter json, BackupInfo info)
    {
        json.WriteString("fileId", info.FileId);
        json.WriteNumber("pageSize", info.PageSize);
        json.WriteNumber("transaction", info.TransactionId);
        json.WriteNumber("base", info.BaseId);
        json.WriteBoolean("full", info.IsFull);
        json.WriteString("compression", Name(info.Compression));
        json.WriteNumber("pageCount", info.PageCount);
        json.WriteNumber("pages", info.Pages ?? 0);
        json.WriteNumber("bytes", info.Bytes ?? 0);
    }

    public static string Name(BackupCompression compression) => compression switch
    {
        BackupCompression.Brotli => "brotli",
        BackupCompression.ZLib => "zlib",
        _ => "none",
    };

    /// <summary>Shows how many pages were done, of all streams together.</summary>
    public static IProgress<BackupProgress> Progress(ProgressUpdate update) => new PageProgress(update);

    private sealed class PageProgress(ProgressUpdate update) : IProgress<BackupProgress>
    {
        private long _before;
        private BackupProgress _last;

        public void Report(BackupProgress value)
        {
            if (value.Link != _last.Link)
                _before += _last.Pages;
            _last = value;
            update(_before + value.Pages, _before + value.Pages);
        }
    }
}
