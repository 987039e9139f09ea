using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Orders;

/// <summary>The orders by HTTP. What is wrong with a request is told as problem details (RFC 9457).</summary>
internal static class OrderEndpoints
{
    /// <summary>How many orders of an export are written before the client has to have taken them.</summary>
    private const int ExportBatch = 100;

    public static void MapOrders(this IEndpointRouteBuilder app)
    {
        app.MapPost("/orders", PlaceAsync);
        app.MapGet("/orders", List);
        app.MapGet("/orders/{id:long}", Get);
        app.MapPut("/orders/{id:long}/status", ChangeAsync);
        app.MapGet("/summary", static (IOrderStore store) => TypedResults.Ok(store.Summarize()));
        app.MapGet("/export", ExportAsync);
    }

    private static async Task<Results<Created<Order>, ValidationProblem>> PlaceAsync(
        NewOrder order, IOrderStore store, HttpResponse response, CancellationToken cancellationToken)
    {
        if (order.Validate() is { Count: > 0 } errors)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var placed = await store.PlaceAsync(order, cancellationToken);
        Tag(response, placed);
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/orders/{placed.Id}"), placed);
    }

    private static Results<Ok<OrderPage>, ValidationProblem> List(
        IOrderStore store, string? customer, string? status, int? limit, string? after) =>
        OrderQuery.Parse(customer, status, limit, after, out var errors) is { } query
            ? TypedResults.Ok(store.List(query))
            : TypedResults.ValidationProblem(errors);

    private static Results<Ok<Order>, NotFound, StatusCodeHttpResult> Get(
        long id, IOrderStore store, HttpRequest request, HttpResponse response)
    {
        if (store.Find(id) is not { } order)
        {
            return TypedResults.NotFound();
        }

        Tag(response, order);
        return request.Headers.IfNoneMatch == response.Headers.ETag
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(order);
    }

    private static async Task<Results<Ok<Order>, NotFound, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        long id,
        StatusChange change,
        IOrderStore store,
        HttpRequest request,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (change.Status is not { } status || !Enum.IsDefined(status))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["status"] = [$"Expected: one of {string.Join(", ", Enum.GetNames<OrderStatus>())}."],
            });
        }

        if (request.Headers.IfMatch is not [{ Length: > 2 } tag])
        {
            return Problem(
                StatusCodes.Status428PreconditionRequired, "Send the ETag of the order that was seen as If-Match.");
        }

        // A tag that is none of ours is one that no version has.
        var version = tag is ['"', .. var digits, '"']
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : 0;
        var (outcome, order) = await store.ChangeAsync(id, version, status, cancellationToken);
        if (order is null)
        {
            return TypedResults.NotFound();
        }

        Tag(response, order);
        return outcome switch
        {
            ChangeOutcome.Changed => TypedResults.Ok(order),
            ChangeOutcome.OtherVersion => Problem(
                StatusCodes.Status412PreconditionFailed,
                "Somebody else has changed the order. Get it again, and decide anew."),
            _ => Problem(StatusCodes.Status409Conflict, $"An order that is {order.Status} does not become {status}."),
        };
    }

    /// <summary>Every order of one state, a line of JSON each, at the pace of the client.</summary>
    private static async Task ExportAsync(
        IOrderStore store, HttpResponse response, CancellationToken cancellationToken)
    {
        await using var snapshot = store.OpenSnapshot();
        response.ContentType = "application/x-ndjson";
        response.Headers["X-Transaction"] = snapshot.TransactionId.ToString(CultureInfo.InvariantCulture);
        var written = 0;
        foreach (var order in store.All(snapshot))
        {
            using (var json = new Utf8JsonWriter(response.BodyWriter))
            {
                JsonSerializer.Serialize(json, order, OrderJson.Default.Order);
            }

            response.BodyWriter.GetSpan(1)[0] = (byte)'\n';
            response.BodyWriter.Advance(1);
            if (++written % ExportBatch == 0)
            {
                await response.BodyWriter.FlushAsync(cancellationToken);
            }
        }

        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static void Tag(HttpResponse response, Order order) =>
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{order.Version}\"");

    private static ProblemHttpResult Problem(int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status);
}
