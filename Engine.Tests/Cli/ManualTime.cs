namespace Engine.Tests.Cli;

/// <summary>A clock that a test moves by hand.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => _ticks += time.Ticks;

    public override long GetTimestamp() => _ticks;
}
