using OrdersCluster.Node;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace OrdersCluster.Front;

/// <summary>
/// Sends a request to another node if one does not answer. Requests that write get a key, if their sender has given
/// them none: by it the nodes know one that was sent twice, so that sending any of them again is harmless.
/// </summary>
internal sealed class RetryMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (!HttpMethods.IsGet(context.Request.Method) && !headers.ContainsKey(RequestPosition.KeyHeader))
        {
            headers[RequestPosition.KeyHeader] = Guid.CreateVersion7().ToString();
        }

        context.Request.EnableBuffering();
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations.ToList();
        while (true)
        {
            await next(context);
            if (context.GetForwarderErrorFeature() is null
                || context.Response.HasStarted
                || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            left.Remove(proxy.ProxiedDestination!);
            if (left.Count == 0)
            {
                return;
            }

            proxy.AvailableDestinations = left;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
            context.Request.Body.Position = 0;
        }
    }
}
