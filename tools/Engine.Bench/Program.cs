using System.CommandLine;
using Engine.Bench;
using Engine.Bench.Commands;

RootCommand root = new("Benchmarks of the engine.")
{
    BuildWorkerCommand.Create(),
    CompareCommand.Create(),
    CostCommand.Create(),
    DifferenceCommand.Create(),
    HistoryCommand.Create(),
    MemoryCommand.Create(),
    MemoryWorkerCommand.Create(),
    MicroCommand.Create(),
    ProfileCommand.Create(),
    ScaleCommand.Create(),
    WritersCommand.Create()
};
try
{
    // Exceptions are shown here, as one line where they say what to do.
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (BenchException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 2;
}
