using System.CommandLine;
using Leaderboard;

// Ctrl-C cancels; without a limit, as clients finish what they have begun, and then everything is verified.
return await LeaderboardCommand.Create().Parse(args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });
