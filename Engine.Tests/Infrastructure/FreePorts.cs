using System.Net;
using System.Net.Sockets;

namespace Engine.Tests.Infrastructure;

/// <summary>Ports of this machine for servers that a test starts, some later, some again and again.</summary>
internal static class FreePorts
{
    // Below those that systems give to whoever connects or asks for any port: none of these is taken between the moment
    // it is found and the start of a server, or while a server is away.
    private const int First = 15_000;
    private const int End = 32_000;

    private static readonly HashSet<int> Taken = [];

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
