using Engine.Trees;

namespace Engine;

/// <summary>
/// An entry of an expiring tree. Its spans live as long as the read transaction that they came from; the compiler sees
/// to it.
/// </summary>
public readonly ref struct ExpiringEntry
{
    private readonly ulong _time;

    internal ExpiringEntry(Entry stored)
    {
        Key = stored.Key;
        _time = ExpiryForm.TimeOf(stored.Value);
        Value = stored.Value[ExpiryForm.TimeLength..];
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>When it expires, in UTC, to the millisecond; null: never.</summary>
    /// <exception cref="DatabaseCorruptException">The file says a time that there is not.</exception>
    public DateTimeOffset? ExpiresAt => ExpiryForm.ToTime(_time);

    /// <summary>For <c>foreach (var (key, value) in …)</c>.</summary>
    public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = Key;
        value = Value;
    }

    /// <summary>For <c>foreach (var (key, value, expiresAt) in …)</c>.</summary>
    public void Deconstruct(
        out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out DateTimeOffset? expiresAt)
    {
        Deconstruct(out key, out value);
        expiresAt = ExpiresAt;
    }

    internal bool IsExpired(ulong now) => ExpiryForm.IsExpired(_time, now);
}
