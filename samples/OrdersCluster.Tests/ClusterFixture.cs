using OrdersCluster.Launching;

namespace OrdersCluster.Tests;

/// <summary>One cluster for all tests of this assembly that need one.</summary>
[SetUpFixture]
internal sealed class ClusterFixture
{
    private static readonly Lazy<Task<LocalCluster>> Started = new(StartAsync);
    private static readonly Lazy<DirectoryInfo> Folder =
        new(static () => Directory.CreateTempSubdirectory("orders-cluster-tests-"));

    /// <summary>The cluster, started when it is first asked for. Skips the test where it cannot be.</summary>
    public static Task<LocalCluster> GetAsync()
    {
        RequireProgram();
        return Started.Value;
    }

    /// <summary>Skips the test where there is no server program.</summary>
    public static void RequireProgram()
    {
        if (NatsProgram.Find() is null || !File.Exists("/bin/sh"))
        {
            Assert.Ignore(NatsProgram.Missing);
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            await using (await Started.Value)
            {
            }

            Folder.Value.Delete(recursive: true);
        }
    }

    private static Task<LocalCluster> StartAsync() => LocalCluster.StartAsync(
        Folder.Value.FullName, new Uri("http://127.0.0.1:0"), TestContext.Progress.WriteLine, CancellationToken.None);
}
