namespace Engine.Extensions.Caching.Tests.Infrastructure;

/// <summary>A time that moves when a test says so.</summary>
internal sealed class ManualClock : TimeProvider, Microsoft.Extensions.Internal.ISystemClock
{
    private long _ticks = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public DateTimeOffset UtcNow => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => UtcNow;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
