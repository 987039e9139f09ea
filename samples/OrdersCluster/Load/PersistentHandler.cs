using System.Net;
using OrdersCluster.Node;

namespace OrdersCluster.Load;

/// <summary>
/// Sends a request again until it is answered by a node, with the same key, so that it counts once. It keeps the cookie
/// that says what the client has seen.
/// </summary>
internal sealed class PersistentHandler() : DelegatingHandler(
    new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseCookies = true })
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>How many requests had to be sent again.</summary>
    public int Repeated { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get)
        {
            request.Headers.TryAddWithoutValidation(RequestPosition.KeyHeader, Guid.CreateVersion7().ToString());
        }

        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode < HttpStatusCode.InternalServerError || DateTime.UtcNow > deadline)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException) when (DateTime.UtcNow < deadline)
            {
                // Its node has ended in the middle of the answer.
            }

            Repeated++;
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
