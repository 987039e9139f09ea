using System.Runtime.CompilerServices;
using Engine.Cli.Shared;

namespace Engine.Cli.Shell;

/// <summary>One line of the shell, cut into words at white space.</summary>
internal readonly ref struct ShellLine
{
    /// <summary>
    /// More words than any command takes, so that one too many is noticed and a line of a million words costs nothing.
    /// </summary>
    private const int MostArguments = 3;

    private readonly ReadOnlySpan<byte> _line;
    private readonly Words _arguments;

    public ShellLine(ReadOnlySpan<byte> line)
    {
        _line = line;
        int position = 0;
        Range command = NextWord(line, ref position);
        Command = Name(line[command]);
        while (Count < MostArguments)
        {
            Range word = NextWord(line, ref position);
            if (line[word].IsEmpty)
                break;
            _arguments[Count++] = word;
        }
    }

    /// <summary>The first word; empty if the line is.</summary>
    public string Command { get; }

    /// <summary>The number of words after the first, or <see cref="MostArguments"/> if there are more.</summary>
    public int Count { get; }

    /// <summary>An argument as it was typed.</summary>
    public ReadOnlySpan<byte> Token(int argument) => _line[_arguments[argument]];

    /// <summary>The bytes that an argument stands for.</summary>
    public byte[] Bytes(int argument) => Tokens.Parse(Token(argument));

    public void Expect(string usage, int least, int most)
    {
        if (Count < least || Count > most)
            throw new UsageException($"wrong number of arguments: {usage}");
    }

    private static Range NextWord(ReadOnlySpan<byte> line, ref int position)
    {
        while (position < line.Length && IsWhiteSpace(line[position]))
            position++;
        int start = position;
        while (position < line.Length && !IsWhiteSpace(line[position]))
            position++;
        return start..position;
    }

    private static bool IsWhiteSpace(byte value) => value is (byte)' ' or (>= 0x09 and <= 0x0D);

    /// <summary>For messages too, so it is kept short and printable.</summary>
    private static string Name(ReadOnlySpan<byte> word) => word.Length switch
    {
        0 => "",
        <= 32 => Tokens.Format(word),
        _ => Tokens.Format(word[..32]) + "...",
    };

    [InlineArray(MostArguments)]
    private struct Words
    {
        private Range _first;
    }
}
