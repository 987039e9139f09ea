namespace Orders;

/// <summary>So many pieces of an article, at a price each.</summary>
internal sealed record OrderLine(string? Article, int Quantity, decimal Price);
