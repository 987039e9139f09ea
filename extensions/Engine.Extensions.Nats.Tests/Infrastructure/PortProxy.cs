using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Passes the bytes of one port on to another one, until it is cut.</summary>
internal sealed class PortProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly int _target;
    private volatile bool _isCut;
    private volatile TaskCompletionSource? _held;

    public PortProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public void Cut()
    {
        _isCut = true;
        CloseAll();
    }

    public void Mend() => _isCut = false;

    /// <summary>What comes to the server goes on, and its answers wait.</summary>
    public void HoldAnswers() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ReleaseAnswers()
    {
        var held = _held;
        _held = null;
        held?.TrySetResult();
    }

    public void Dispose()
    {
        _isCut = true;
        _listener.Dispose();
        ReleaseAnswers();
        CloseAll();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync();
                _ = PassAsync(near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private async Task PassAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            // Servers send small messages without delay; held back here, each one may wait 40 ms.
            near.NoDelay = true;
            far.NoDelay = true;
            _open[near] = true;
            _open[far] = true;
            try
            {
                if (_isCut)
                {
                    return;
                }

                await far.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(PumpAsync(near, far, isAnswer: false), PumpAsync(far, near, isAnswer: true));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Either side is gone, and the other one with it.
            }
            finally
            {
                _open.TryRemove(near, out _);
                _open.TryRemove(far, out _);
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var length and > 0 && !_isCut)
            {
                if (isAnswer && _held is { } held)
                {
                    await held.Task;
                }

                await to.SendAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }

    private void CloseAll()
    {
        foreach (var socket in _open.Keys)
        {
            socket.Dispose();
        }
    }
}
