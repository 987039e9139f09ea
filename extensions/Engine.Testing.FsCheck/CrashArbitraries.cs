using FsCheck;
using FsCheck.Fluent;

namespace Engine.Testing;

/// <summary>
/// Crash points for properties of FsCheck. FsCheck makes random programs and shrinks the one that fails; the crash
/// comes from here, or from a sweep of each program: <see cref="CrashTest.EveryPoint"/> finds more in a short program
/// than a point at random in a long one.
/// </summary>
/// <remarks>
/// Members are thread-safe. A property of FsCheck.NUnit or FsCheck.Xunit gets points by its attribute.
/// </remarks>
/// <example>
/// <code>
/// [Property(Arbitrary = [typeof(CrashArbitraries)])]
/// public void EveryConfirmedOrder_IsThere(NonEmptyArray&lt;byte&gt; orders, CrashPoint point) =&gt;
///     Placing(orders.Get).At(point);
///
/// [Property(MaxTest = 20)]
/// public void EveryConfirmedOrder_IsThereAtEveryPoint(NonEmptyArray&lt;byte&gt; orders) =&gt;
///     Placing(orders.Get).EveryPoint();
/// </code>
/// </example>
public static class CrashArbitraries
{
    /// <summary>
    /// Any point (<see cref="CrashPoint.FromSeed"/>). It is not shrunk: a smaller number is no simpler point, and the
    /// exception names the exact one in any case.
    /// </summary>
    public static Arbitrary<CrashPoint> Points() => PointGenerator().ToArbitrary();

    /// <summary>The generator of these, to build others with.</summary>
    public static Gen<CrashPoint> PointGenerator() =>
        Gen.Choose(0, int.MaxValue).Select(static seed => CrashPoint.FromSeed((ulong)seed));
}
