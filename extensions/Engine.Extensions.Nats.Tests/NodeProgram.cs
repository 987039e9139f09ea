namespace Engine.Extensions.Nats.Tests;

/// <summary>The entry point of this assembly, which the test host does not use: a node as a process of its own.</summary>
internal static class NodeProgram
{
    public static int Main()
    {
        Console.Error.WriteLine("These are tests: dotnet test extensions/Engine.Extensions.Nats.Tests");
        return 2;
    }
}
