using System.CommandLine;
using Engine.Cli.Inspection;

namespace Engine.Cli.Shared;

/// <summary>The argument and the options that all commands for looking into a file have.</summary>
internal sealed class InspectionSymbols
{
    public Argument<string> File { get; } = CommonSymbols.File();

    private Option<bool> Hex { get; } =
        CommonSymbols.Hex("Show keys and values as hexadecimal digits, and take them so");

    private Option<bool> Utf8 { get; } =
        new("--utf8") { Description = "Show keys and values as text, and \\hh for what is none" };

    private Option<bool> ExactSizes { get; } = new("--bytes") { Description = "Show sizes in bytes" };

    private Option<bool> Json { get; } = CommonSymbols.Json("Write a JSON object");

    private Option<bool> WithoutLock { get; } = CommonSymbols.WithoutLock();

    /// <summary>Adds the options behind the command's own.</summary>
    public void AddOptionsTo(Command command, bool showsKeys = true)
    {
        if (showsKeys)
        {
            command.Add(Hex);
            command.Add(Utf8);
        }

        command.Add(ExactSizes);
        command.Add(Json);
        command.Add(WithoutLock);
    }

    public Presentation Presentation(ParseResult parsed) => new()
    {
        Hex = parsed.GetValue(Hex),
        Utf8 = parsed.GetValue(Utf8),
        ExactSizes = parsed.GetValue(ExactSizes),
    };

    public bool IsJson(ParseResult parsed) => parsed.GetValue(Json);

    public bool IsHex(ParseResult parsed) => parsed.GetValue(Hex);

    public bool IsWithoutLock(ParseResult parsed) => parsed.GetValue(WithoutLock);

    /// <summary>Writes a report as it was asked for, and the damage on standard error; gives the exit code.</summary>
    public int Show(CommandContext context, ParseResult parsed, IReport report, DamageList damage)
    {
        if (IsJson(parsed))
            report.WriteJson(context.Output, damage);
        else
            report.WriteTo(context.Output, Presentation(parsed));
        return DamageReporting.Report(context, damage);
    }
}
