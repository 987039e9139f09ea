using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>What a command for looking into a file has found.</summary>
internal interface IReport
{
    /// <summary>Writes it for people.</summary>
    void WriteTo(Output output, Presentation show);

    /// <summary>Writes it as a JSON object, with the damage that was come across.</summary>
    void WriteJson(Output output, DamageList damage);
}
