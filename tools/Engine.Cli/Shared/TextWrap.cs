namespace Engine.Cli.Shared;

/// <summary>
/// Breaks long lines between words where they would run over the edge of a terminal; a file or a pipe gets them whole.
/// </summary>
internal static class TextWrap
{
    private const int Narrowest = 16;

    /// <summary>Writes a line; what does not fit goes on below, behind so many blanks.</summary>
    public static void WriteLine(Output output, string line, int indent = 0)
    {
        line = ReadableText.Escape(line);
        int width = output.TerminalWidth;
        if (width == 0 || width - indent < Narrowest)
        {
            output.WriteLine(line);
            return;
        }

        while (line.Length > width)
        {
            int end = line.LastIndexOf(' ', width, width - indent);
            if (end <= indent)
                end = width;
            output.WriteLine(line[..end].TrimEnd());
            line = new string(' ', indent) + line[end..].TrimStart();
        }

        output.WriteLine(line);
    }
}
