using System.Diagnostics;
using System.Reflection;

namespace Engine.Bench.Builds;

/// <summary>Which build of the engine a process runs.</summary>
/// <param name="Version">Its informational version.</param>
/// <param name="Identity">A number that each compilation has of its own.</param>
/// <param name="IsOptimized">Whether the JIT may optimise it: false for Debug builds.</param>
internal sealed record BuildInfo(string Version, Guid Identity, bool IsOptimized)
{
    public static BuildInfo OfThisProcess()
    {
        Assembly engine = typeof(Database).Assembly;
        return new BuildInfo(
            engine.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            engine.ManifestModule.ModuleVersionId,
            engine.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled != true);
    }
}
