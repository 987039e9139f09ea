namespace Engine.Bench.Peers;

/// <summary>Calls from managed into native code, by what they cost.</summary>
/// <param name="Hot">Calls without a GC transition: short ones that neither block nor call back.</param>
/// <param name="Full">Calls with the usual GC transition.</param>
internal readonly record struct CallCount(long Hot, long Full)
{
    public static CallCount operator -(CallCount left, CallCount right) =>
        new(left.Hot - right.Hot, left.Full - right.Full);

    public static CallCount operator +(CallCount left, CallCount right) =>
        new(left.Hot + right.Hot, left.Full + right.Full);
}
