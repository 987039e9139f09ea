using Engine.Extensions.Nats;
using NATS.Client.Core;

namespace Engine.ReplicaTool;

/// <summary>The connection of the tool.</summary>
internal static class Servers
{
    public static async Task<NatsConnection> ConnectAsync(string servers)
    {
        var connection = new NatsConnection(new NatsOpts { Url = servers, Name = "engine-replica" });
        try
        {
            await connection.ConnectAsync();
            return connection;
        }
        catch (NatsException e)
        {
            await connection.DisposeAsync();
            throw new NoServerException($"No server of {servers} can be reached. Correct --servers.", e);
        }
    }
}
