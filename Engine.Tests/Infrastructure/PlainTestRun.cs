using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// Runs this assembly's tests without 'dotnet test', which needs an SDK of the processor that they run on: under an
/// emulator there is none (.ci/arm64). Both test projects have this file.
/// </summary>
internal sealed class PlainTestRun : ITestListener
{
    /// <summary>The first argument of a process that is to run tests; what it shall run follows.</summary>
    public const string Command = "test";

    private int _passed;
    private int _failed;
    private int _skipped;

    private PlainTestRun()
    {
    }

    /// <summary>Runs tests, tells of each, and closes with one line that counts them.</summary>
    /// <param name="patterns">Regular expressions; a test is run if its full name matches one of them.</param>
    /// <returns>The exit code: 0 only if at least one test ran and none failed.</returns>
    public static int Run(ReadOnlySpan<string> patterns)
    {
        var filter = new TNode("filter");
        var any = filter.AddElement("or");
        foreach (var pattern in patterns)
        {
            any.AddElement("test", pattern).AddAttribute("re", "1");
        }

        var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());

        // In turn, which the counts here rely on.
        var settings = new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0 };
        runner.Load(typeof(PlainTestRun).Assembly, settings);
        var listener = new PlainTestRun();
        runner.Run(listener, TestFilter.FromXml(filter));
        Console.Out.WriteLine($"{listener._passed} passed, {listener._failed} failed, {listener._skipped} skipped");
        return listener._failed == 0 && listener._passed > 0 ? 0 : 1;
    }

    public void TestFinished(ITestResult result)
    {
        if (result.Test.IsSuite)
        {
            // A set-up that fails for a whole class is a result of the class.
            if (result.ResultState is { Status: TestStatus.Failed, Site: FailureSite.SetUp or FailureSite.TearDown })
            {
                Tell(result, ref _failed);
            }

            return;
        }

        switch (result.ResultState.Status)
        {
            case TestStatus.Passed or TestStatus.Warning:
                Tell(result, ref _passed);
                break;
            case TestStatus.Failed:
                Tell(result, ref _failed);
                break;
            default:
                Tell(result, ref _skipped);
                break;
        }
    }

    public void TestStarted(ITest test)
    {
    }

    public void TestOutput(TestOutput output)
    {
    }

    public void SendMessage(TestMessage message)
    {
    }

    private static void Tell(ITestResult result, ref int count)
    {
        count++;
        Console.Out.WriteLine($"{result.ResultState.Status,-12} {result.Duration,7:F1} s  {result.FullName}");
        var trace = result.ResultState.Status == TestStatus.Failed ? result.StackTrace : null;
        foreach (var text in new[] { result.Message, trace, result.Output })
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                Console.Out.WriteLine(text.TrimEnd());
            }
        }
    }
}
