namespace Engine.Cli.Shared;

/// <summary>Files that commands read, besides databases. <c>-</c> is standard input.</summary>
internal static class InputFiles
{
    private const string StandardInput = "-";

    /// <summary>What messages call the input.</summary>
    public static string NameOf(string path) => path == StandardInput ? "standard input" : Path.GetFileName(path);

    /// <exception cref="UsageException">The file cannot be opened.</exception>
    public static Stream Open(CommandContext context, string path)
    {
        if (path == StandardInput)
            return context.Input;
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException(
                $"there is no file '{path}': give the path of the input, or - for standard input", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = Directory.Exists(path) ? "it is a directory" : exception.Message;
            throw new UsageException($"cannot read '{path}': {reason}", exception);
        }
    }

    /// <summary>The whole content, for a value.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="path">The file, or - for standard input.</param>
    /// <param name="buffer">Where it is put; the result lives there.</param>
    /// <exception cref="UsageException">It cannot be read, or is longer than a value may be.</exception>
    public static ReadOnlySpan<byte> ReadAll(CommandContext context, string path, LargeBuffer buffer)
    {
        using Stream stream = Open(context, path);
        if (LengthOf(stream) > int.MaxValue)
            throw TooLong(path);
        int used = 0;

        // A pipe does not know its length, and those of /proc say that they have none: then the memory grows.
        Span<byte> whole = buffer.Take((int)Math.Clamp((LengthOf(stream) ?? 0) + 1, 64 * 1024, int.MaxValue));
        while (Read(stream, path, whole[used..]) is > 0 and var read)
        {
            used += read;
            if (used == whole.Length && used < int.MaxValue)
                whole = buffer.Grow((int)Math.Min(int.MaxValue, 2L * used));
            else if (used == whole.Length)
                return IsAtEnd(stream, path) ? whole : throw TooLong(path);
        }

        return whole[..used];
    }

    private static bool IsAtEnd(Stream stream, string path)
    {
        Span<byte> next = stackalloc byte[1];
        return Read(stream, path, next) == 0;
    }

    private static UsageException TooLong(string path) =>
        new($"{NameOf(path)} is longer than a value may be: {Human.Count(int.MaxValue)} bytes");

    private static int Read(Stream stream, string path, Span<byte> destination)
    {
        try
        {
            return stream.Read(destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read '{path}': {exception.Message}", exception);
        }
    }

    /// <summary>How long the input is, if that can be known.</summary>
    public static long? LengthOf(Stream stream) => stream.CanSeek ? stream.Length : null;
}
