using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>Where programs may begin instead of with an empty disk: a closed database.</summary>
/// <param name="Image">The disk.</param>
/// <param name="State">What it holds.</param>
internal sealed record ProgramStart(DiskImage Image, ModelState State)
{
    /// <summary>What the file held before, the last one first.</summary>
    public required IReadOnlyList<byte[]> Earlier { get; init; }

    /// <summary>What a program leaves.</summary>
    public static ProgramStart After(OperationProgram program) => ProgramRunner.RunToStart(program);
}
