using System.Net;
using System.Net.Sockets;

namespace OrdersCluster.Launching;

/// <summary>Ports of this machine that nobody listens on.</summary>
internal static class Ports
{
    /// <summary>So many of them, which differ.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static listener => listener.Start());
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(static listener => listener.Dispose());
        return ports;
    }
}
