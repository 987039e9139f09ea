using System.Text.Json;
using Engine.Cli.Inspection;

namespace Engine.Cli.Shared;

/// <summary>
/// Says on standard error what damage a report came across, after the report itself: the rest of it is worth having.
/// </summary>
internal static class DamageReporting
{
    private const int Shown = 10;

    /// <summary>Reports, and gives the exit code.</summary>
    public static int Report(CommandContext context, DamageList damage)
    {
        if (damage.Count == 0)
            return ExitCode.Ok;
        context.Output.Flush();
        foreach (Damage found in damage.First.Take(Shown))
            ErrorReporting.Write(context.Error, $"damage: {found}");
        if (damage.Count > Shown)
            ErrorReporting.Write(
                context.Error, $"damage: {Human.Count(damage.Count - Shown)} more: engine check lists all of it");
        return ExitCode.Absent;
    }

    public static void WriteJson(Utf8JsonWriter json, DamageList damage)
    {
        JsonReport.WriteObjects(json, "damage", damage.First, found =>
        {
            if (found.Page is { } page)
                json.WriteNumber("page", page);
            json.WriteString("text", found.Text);
        });
        json.WriteNumber("damageCount", damage.Count);
    }
}
