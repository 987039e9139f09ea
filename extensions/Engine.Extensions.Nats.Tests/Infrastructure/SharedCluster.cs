using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests;

/// <summary>One cluster of three for all tests that do not harm it.</summary>
[SetUpFixture]
internal sealed class SharedCluster
{
    private static readonly SemaphoreSlim Turn = new(1);
    private static NatsCluster? _started;

    public static async Task<NatsCluster> GetAsync()
    {
        NatsCluster.RequireProgram();
        await Turn.WaitAsync();
        try
        {
            // One that could not be started is tried again by the next test.
            return _started ??= await NatsCluster.StartAsync();
        }
        finally
        {
            Turn.Release();
        }
    }

    [OneTimeTearDown]
    public void Stop() => _started?.Dispose();
}
