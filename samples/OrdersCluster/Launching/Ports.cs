using System.Net;
using System.Net.Sockets;

namespace OrdersCluster.Launching;

/// <summary>Ports of this machine for servers, which are started later, some of them again and again.</summary>
internal static class Ports
{
    // Below those that systems give to whoever connects or asks for any port: none of these is taken between the moment
    // it is found and the start of a server, or while a server is away.
    private const int First = 15_000;
    private const int End = 32_000;

    private static readonly HashSet<int> Taken = [];

    /// <summary>So many of them, which nobody listens on, and which were not given before.</summary>
    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(static _ => Take())];

    /// <summary>One that nobody listens on, and that was not given before.</summary>
    public static int Take()
    {
        lock (Taken)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (!Taken.Contains(port) && IsFree(port))
                {
                    Taken.Add(port);
                    return port;
                }
            }
        }
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
