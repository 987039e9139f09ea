namespace Engine.Cli.Shared;

/// <summary>Files that commands read, besides databases. <c>-</c> is standard input.</summary>
internal static class InputFiles
{
    private const string StandardInput = "-";

    /// <exception cref="UsageException">The file cannot be opened.</exception>
    public static Stream Open(CommandContext context, string path)
    {
        if (path == StandardInput)
            return context.Input;
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"there is no file '{path}': give the path of the input, or - for standard input", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = Directory.Exists(path) ? "it is a directory" : exception.Message;
            throw new UsageException($"cannot read '{path}': {reason}", exception);
        }
    }

    /// <summary>The whole content.</summary>
    public static byte[] ReadAll(CommandContext context, string path)
    {
        using Stream stream = Open(context, path);
        if (LengthOf(stream) is { } length and > 0 && length <= Array.MaxLength)
        {
            byte[] whole = new byte[length];
            int read = stream.ReadAtLeast(whole, whole.Length, throwOnEndOfStream: false);
            return read == whole.Length ? whole : whole[..read];
        }

        // A pipe, or a file that does not know its length, as those of /proc.
        var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>How long the input is, if that can be known.</summary>
    public static long? LengthOf(Stream stream) => stream.CanSeek ? stream.Length : null;
}
