namespace Engine.ReplicaTool;

/// <summary>The process of the tool.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => App.RunAsync(arguments, Console.Out, Console.Error);
}
