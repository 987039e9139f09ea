namespace Orders;

/// <summary>What a client sends to place an order.</summary>
internal sealed record NewOrder(string? Customer, IReadOnlyList<OrderLine>? Lines)
{
    public const int MaxNameLength = 64;
    public const int MaxLines = 100;
    public const int MaxQuantity = 10_000;
    public const decimal MaxPrice = 1_000_000;

    public decimal Total => Lines!.Sum(static line => line.Quantity * line.Price);

    /// <summary>What is wrong with it, by member; nothing if it can be placed.</summary>
    public Dictionary<string, string[]> Validate()
    {
        var errors = new Dictionary<string, string[]>();
        Check(IsName(Customer), "customer", $"1 to {MaxNameLength} characters, none of them a control character");
        Check(Lines is { Count: > 0 and <= MaxLines }, "lines", $"1 to {MaxLines} lines");
        for (var i = 0; i < Math.Min(Lines?.Count ?? 0, MaxLines); i++)
        {
            var line = Lines![i];
            Check(line is not null, $"lines[{i}]", "an object");
            Check(IsName(line?.Article), $"lines[{i}].article", $"1 to {MaxNameLength} characters");
            Check(line?.Quantity is > 0 and <= MaxQuantity, $"lines[{i}].quantity", $"1 to {MaxQuantity}");
            Check(
                line?.Price is >= 0 and <= MaxPrice && decimal.Round(line.Price, 2) == line.Price,
                $"lines[{i}].price",
                $"0 to {MaxPrice} with at most two decimals");
        }

        return errors;

        void Check(bool isRight, string member, string expected)
        {
            if (!isRight)
            {
                errors[member] = [$"Expected: {expected}."];
            }
        }
    }

    /// <summary>Whether this can be the name of a customer or an article, and so a key of an index.</summary>
    public static bool IsName(string? text) =>
        text is { Length: > 0 and <= MaxNameLength }
        && text.EnumerateRunes().All(static rune => rune.Value != 0xFFFD && !System.Text.Rune.IsControl(rune));
}
