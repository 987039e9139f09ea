using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>What was seen under which id, over all crashes: an id never stands for two contents.</summary>
internal sealed class ShownStates
{
    private readonly Dictionary<ulong, ulong> _digests;

    public ShownStates() => _digests = [];

    /// <summary>What others have seen, for one possible future of it.</summary>
    public ShownStates(ShownStates past)
    {
        _digests = new(past._digests);
        Fingerprint = past.Fingerprint;
    }

    /// <summary>The same for the same states, whatever their order.</summary>
    public ulong Fingerprint { get; private set; }

    /// <exception cref="InvariantViolationException">Something else was seen under this id before.</exception>
    public void Add(ShownState state)
    {
        if (!_digests.TryGetValue(state.Id, out var digest))
        {
            _digests.Add(state.Id, state.Digest);
            Fingerprint += Dice.Mix(state.Id ^ Dice.Mix(state.Digest));
        }
        else if (digest != state.Digest)
        {
            throw new InvariantViolationException(
                12, $"transaction {state.Id} has been shown with another content before");
        }
    }
}
