using Engine.Extensions.Nats;
using Microsoft.AspNetCore.Diagnostics;

namespace OrdersCluster.Node;

/// <summary>
/// Without servers, or enough of them, the outcome of a write is open: 503, and the client asks again with the same
/// <c>Idempotency-Key</c>.
/// </summary>
internal sealed class ReplicaExceptionHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not ReplicaException)
        {
            return false;
        }

        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = "1";
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails =
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Detail = $"{exception.Message} Send the request again, with the same {RequestPosition.KeyHeader}.",
            },
        });
    }
}
