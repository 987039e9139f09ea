using Engine.Bench.Measuring;

namespace Engine.Bench.Micro;

/// <summary>One micro benchmark.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Parameters">With what.</param>
/// <param name="Time">Nanoseconds per operation; not numbers if it failed.</param>
/// <param name="Mean">The mean of the same.</param>
/// <param name="Error">Half of the 99.9 % confidence interval of the mean.</param>
/// <param name="AllocatedBytes">Managed bytes per operation.</param>
internal sealed record MicroResult(
    string Name, string Parameters, Statistic Time, double Mean, double Error, double AllocatedBytes);
