namespace Engine.PropertyTests.Sabotage;

/// <summary>How many states or programs a tier has looked at.</summary>
/// <param name="only">The number of the only one that is wanted, from 1 on; 0 for all.</param>
internal sealed class StateCount(long only = 0)
{
    public long Value { get; private set; }

    /// <summary>Counts the next one.</summary>
    /// <returns>Whether it is wanted; a tier that cannot leave one out may run it nevertheless.</returns>
    public bool Next() => ++Value == only || only == 0;
}
