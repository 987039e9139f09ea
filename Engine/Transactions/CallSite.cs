using System.Diagnostics;
using System.Globalization;

namespace Engine.Transactions;

/// <summary>Where the engine was called from, in words.</summary>
internal static class CallSite
{
    private static readonly string OwnAssembly = typeof(CallSite).Assembly.FullName!;

    /// <summary>The first method of a stack that is not the engine's: "Shop.Orders.Export (Orders.cs:42)".</summary>
    public static string? Describe(StackTrace stack)
    {
        foreach (var frame in stack.GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is { } method && method.DeclaringAssemblyName != OwnAssembly)
            {
                var name = NameOf(method);
                return frame.GetFileName() is { } file
                    ? string.Create(
                        CultureInfo.InvariantCulture, $"{name} ({Path.GetFileName(file)}:{frame.GetFileLineNumber()})")
                    : name;
            }
        }

        return null;
    }

    /// <summary>
    /// What the compiler makes of a method (a state machine, a closure) is called by the method's name.
    /// </summary>
    private static string NameOf(DiagnosticMethodInfo method)
    {
        var (type, name) = (method.DeclaringTypeName ?? "?", method.Name);
        if (Between(name) is { Length: > 0 } inner)
        {
            name = inner;
        }

        if (type.IndexOf("+<", StringComparison.Ordinal) is var at and >= 0)
        {
            if (Between(type[at..]) is { Length: > 0 } outer)
            {
                name = outer;
            }

            type = type[..at];
        }

        return $"{type}.{name}";
    }

    /// <summary>What is between the first angle brackets.</summary>
    private static string? Between(string name) =>
        name.IndexOf('<', StringComparison.Ordinal) is var open and >= 0
        && name.IndexOf('>', open) is var close and >= 0
            ? name[(open + 1)..close]
            : null;
}
