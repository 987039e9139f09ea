using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Tests.Pages;

/// <summary>
/// CI runs tests again with instruction sets switched off (DOTNET_EnableAVX=0 and the like). A misspelt or unknown
/// variable would be ignored, and those runs would test what the first one did. The tests of both projects have this
/// one.
/// </summary>
public sealed class InstructionSetTests
{
    /// <summary>
    /// What an instruction set's name switches off, as far as the engine or the framework below it looks at it.
    /// </summary>
    private static readonly Dictionary<string, (string Name, bool IsUsed)[]> Sets = new()
    {
        ["AVX"] =
        [
            ("Avx", Avx.IsSupported), ("Avx2", Avx2.IsSupported), ("Vector256", Vector256.IsHardwareAccelerated),
        ],
        ["AVX2"] = [("Avx2", Avx2.IsSupported), ("Vector256", Vector256.IsHardwareAccelerated)],
        ["SSE42"] = [("Sse42", Sse42.IsSupported), ("Popcnt", Popcnt.IsSupported), ("Avx", Avx.IsSupported)],
        ["HWIntrinsic"] =
        [
            ("X86Base", X86Base.IsSupported), ("Sse", Sse.IsSupported), ("Pclmulqdq", Pclmulqdq.IsSupported),
            ("Vector128", Vector128.IsHardwareAccelerated), ("Vector256", Vector256.IsHardwareAccelerated),
        ],
    };

    [Test]
    public void InstructionSets_ThatTheEnvironmentSwitchesOff_AreNotUsed()
    {
        // ENGINE_WITHOUT says what a run is for; DOTNET_Enable… is what makes it so.
        var off = Sets.Keys.Where(static name => Variable($"DOTNET_Enable{name}") == "0").ToHashSet();
        if (Variable("ENGINE_WITHOUT") is { Length: > 0 } wanted)
        {
            off.Add(wanted);
        }

        Assert.That(off, Is.SubsetOf(Sets.Keys), "an instruction set that this test does not know");
        var what = off.Count == 0 ? "restrictions" : string.Join(", ", off);
        TestContext.Out.WriteLine($"{RuntimeInformation.ProcessArchitecture} without {what}");
        var used = off.SelectMany(static name => Sets[name]).Where(static set => set.IsUsed);
        Assert.That(used.Select(static set => set.Name), Is.Empty, "used all the same");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);
}
