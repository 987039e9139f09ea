using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orders;

/// <summary>Which orders are listed.</summary>
/// <param name="Customer">Those of one customer; null: of all.</param>
/// <param name="Status">Those with one status; null: with any.</param>
/// <param name="Before">Those with smaller numbers; null: all of them.</param>
/// <param name="Limit">So many at the most.</param>
internal sealed record OrderQuery(string? Customer, OrderStatus? Status, long? Before, int Limit)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    /// <summary>Longer than any token of ours.</summary>
    private const int MaxTokenLength = 500;

    /// <summary>
    /// What the client sends to get what follows an order. It holds the whole query, so that it cannot be taken for the
    /// continuation of another one; and no position, so that nothing is skipped or repeated when orders come meanwhile.
    /// </summary>
    public string TokenAfter(long id) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\n{Customer}\n{Status}")));

    /// <summary>A page of what was found.</summary>
    /// <param name="found">
    /// One more than the limit, if there are so many: that tells whether there is another page.
    /// </param>
    public OrderPage PageOf(List<Order> found)
    {
        if (found.Count <= Limit)
        {
            return new OrderPage(found, null);
        }

        found.RemoveRange(Limit, found.Count - Limit);
        return new OrderPage(found, TokenAfter(found[^1].Id));
    }

    /// <summary>Reads what a client has sent.</summary>
    /// <returns>The query, or null if <paramref name="errors"/> says what is wrong.</returns>
    public static OrderQuery? Parse(
        string? customer, string? status, int? limit, string? after, out Dictionary<string, string[]> errors)
    {
        errors = [];
        if (customer is not null && !NewOrder.IsName(customer))
        {
            errors["customer"] = ["Expected: the name of a customer."];
        }

        OrderStatus? wanted = null;
        if (status is not null)
        {
            if (Enum.TryParse(status, ignoreCase: true, out OrderStatus parsed) && char.IsLetter(status[0]))
            {
                wanted = parsed;
            }
            else
            {
                errors["status"] = [$"Expected: one of {string.Join(", ", Enum.GetNames<OrderStatus>())}."];
            }
        }

        if (limit is < 1 or > MaxLimit)
        {
            errors["limit"] = [$"Expected: 1 to {MaxLimit}."];
        }

        var query = new OrderQuery(customer, wanted, null, limit ?? DefaultLimit);
        if (after is not null && !query.TryContinue(after, out query))
        {
            errors["after"] = ["Expected: the token 'next' of the page before, with the same customer and status."];
        }

        return errors.Count == 0 ? query : null;
    }

    private bool TryContinue(string token, out OrderQuery query)
    {
        query = this;
        if (token.Length > MaxTokenLength || !Base64Url.IsValid(token))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        if (!long.TryParse(text.Split('\n')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || TokenAfter(id) != token)
        {
            return false;
        }

        query = this with { Before = id };
        return true;
    }
}
