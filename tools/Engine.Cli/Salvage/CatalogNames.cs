using System.Text;
using System.Text.Unicode;
using Engine.Cli.Shared;

namespace Engine.Cli.Salvage;

/// <summary>Names of trees as a catalog holds them.</summary>
internal static class CatalogNames
{
    /// <summary>
    /// A name that is none can only come from a forged file; its entries are worth keeping all the same.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> key) =>
        Utf8.IsValid(key) && !key.IsEmpty ? Encoding.UTF8.GetString(key) : ReadableText.Format(key);
}
