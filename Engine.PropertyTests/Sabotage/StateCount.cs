namespace Engine.PropertyTests.Sabotage;

/// <summary>How many states or programs a tier has looked at.</summary>
internal sealed class StateCount
{
    public long Value { get; private set; }

    public void Next() => Value++;
}
