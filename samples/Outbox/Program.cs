using System.CommandLine;
using Outbox;

// Ctrl-C cancels; without a limit, as what has been ordered is delivered, and then everything is compared.
return await OutboxCommand.Create().Parse(args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });
