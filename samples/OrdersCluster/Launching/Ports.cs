using System.Net;
using System.Net.Sockets;

namespace OrdersCluster.Launching;

/// <summary>Ports of this machine that nobody listens on.</summary>
internal static class Ports
{
    // Below those that systems give to whoever connects: they stay free while a process that has one is started again.
    private const int First = 15_000;
    private const int End = 32_000;

    /// <summary>So many of them, which differ.</summary>
    public static int[] Take(int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(First, End);
            if (IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
