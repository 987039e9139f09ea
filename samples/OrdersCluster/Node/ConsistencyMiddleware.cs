using Engine.Extensions.Nats;

namespace OrdersCluster.Node;

/// <summary>
/// Lets a request wait until this node has what its sender wrote on any of them, or, with
/// <c>?consistency=linearizable</c>, all that was acknowledged to anybody. Then it reads the local copy.
/// </summary>
internal sealed class ConsistencyMiddleware(RequestDelegate next)
{
    private const string Parameter = "consistency";
    private const string Linearizable = "linearizable";

    public async Task InvokeAsync(
        HttpContext context, RequestPosition position, ReplicaHost host, NodeSettings settings, TimeProvider time)
    {
        var problem = default(string);
        if (context.Request.Query[Parameter].ToString() is { Length: > 0 } wanted && wanted != Linearizable)
        {
            problem = $"{Parameter} is {Linearizable}, or left out.";
        }

        if (problem is not null || !position.TryRead(context.Request, time.GetUtcNow(), out problem))
        {
            await TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return;
        }

        context.Response.OnStarting(() =>
        {
            context.Response.Headers["X-Node"] = settings.Node;
            position.Write(context.Response);
            return Task.CompletedTask;
        });
        if (!await TryWaitAsync(context, position, host.Replica, settings))
        {
            context.Response.Headers.RetryAfter = "1";
            await TypedResults.Problem(
                "This node is behind what you have seen. Send the request again.",
                statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private static async Task<bool> TryWaitAsync(
        HttpContext context, RequestPosition position, Replica replica, NodeSettings settings)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(settings.ReadTimeout);
        try
        {
            if (context.Request.Query.ContainsKey(Parameter))
            {
                position.Reach(await replica.SynchronizeAsync(patience.Token));
            }

            await replica.WaitForAsync(position.Sequence, patience.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or NoServerException or NoQuorumException)
        {
            return false;
        }
    }
}
