using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Engine.Extensions.Nats;

namespace OrdersCluster.Node;

/// <summary>
/// What a request says of the log, and what its answer will say: how far it was when its sender wrote last.
/// </summary>
internal sealed class RequestPosition
{
    /// <summary>Of requests that write: the same when one is sent again. A UUID of version 7.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>Of answers, and of requests that want to see at least that.</summary>
    public const string SequenceHeader = "X-Sequence";

    /// <summary>The same for whoever keeps cookies.</summary>
    public const string SequenceCookie = "orders-sequence";

    private const int Version = 7;

    /// <summary>What the request is known by.</summary>
    public Guid Key { get; private set; } = Guid.CreateVersion7();

    /// <summary>What the sender has written, or wants to see.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Takes note of a message that the sender's next request must see.</summary>
    public void Reach(ulong sequence) => Sequence = Math.Max(Sequence, sequence);

    /// <summary>Reads what a request says.</summary>
    /// <returns>False if something is wrong with it.</returns>
    public bool TryRead(HttpRequest request, DateTimeOffset now, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        foreach (var text in new[] { request.Headers[SequenceHeader].ToString(), request.Cookies[SequenceCookie] })
        {
            if (!string.IsNullOrEmpty(text))
            {
                if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
                {
                    problem = $"{SequenceHeader} is a number, one that an answer had.";
                    return false;
                }

                Reach(sequence);
            }
        }

        if (request.Headers[KeyHeader].ToString() is { Length: > 0 } key)
        {
            if (!Guid.TryParse(key, out var id)
                || id.Version != Version
                || (now - OrderNumber.TimeOf(id)).Duration() >= WriteBatch.IdWindow)
            {
                problem = $"{KeyHeader} is a UUID of version 7, not older than {WriteBatch.IdWindow.TotalMinutes} "
                    + "minutes: for so long a request that is sent again is known.";
                return false;
            }

            Key = id;
        }

        return true;
    }

    /// <summary>Says how far the log was, if the sender has to know.</summary>
    public void Write(HttpResponse response)
    {
        if (Sequence > 0)
        {
            var text = Sequence.ToString(CultureInfo.InvariantCulture);
            response.Headers[SequenceHeader] = text;
            response.Cookies.Append(SequenceCookie, text, new CookieOptions { HttpOnly = true });
        }
    }
}
