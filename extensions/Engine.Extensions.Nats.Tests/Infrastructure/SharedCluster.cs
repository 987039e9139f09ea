using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests;

/// <summary>One cluster of three for all tests that do not harm it.</summary>
[SetUpFixture]
internal sealed class SharedCluster
{
    private static readonly Lazy<Task<NatsCluster>> Started = new(() => NatsCluster.StartAsync());

    public static Task<NatsCluster> GetAsync()
    {
        NatsCluster.RequireProgram();
        return Started.Value;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        if (Started.IsValueCreated && Started.Value.IsCompletedSuccessfully)
        {
            Started.Value.Result.Dispose();
        }
    }
}
