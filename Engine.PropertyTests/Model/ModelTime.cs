namespace Engine.PropertyTests.Model;

/// <summary>A clock that a model moves.</summary>
internal sealed class ModelTime : TimeProvider
{
    /// <summary>Milliseconds since 1970.</summary>
    public long Milliseconds { get; set; } = 1000;

    public DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public override DateTimeOffset GetUtcNow() => At(Milliseconds);
}
