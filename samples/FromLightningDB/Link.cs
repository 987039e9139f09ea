namespace FromLightningDB;

/// <summary>A link that is kept.</summary>
/// <param name="Url">What names it; not empty, at most 500 bytes in UTF-8.</param>
/// <param name="Title">What people read; not empty.</param>
/// <param name="Tags">What it is found by.</param>
internal sealed record Link(string Url, string Title, params string[] Tags);
