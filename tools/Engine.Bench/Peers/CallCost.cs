namespace Engine.Bench.Peers;

/// <summary>Nanoseconds that one call from managed into native code takes beside the native work.</summary>
internal readonly record struct CallCost(double HotNanoseconds, double FullNanoseconds)
{
    public double Seconds(CallCount calls) => (calls.Hot * HotNanoseconds + calls.Full * FullNanoseconds) / 1e9;
}
