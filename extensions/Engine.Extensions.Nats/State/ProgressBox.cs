namespace Engine.Extensions.Nats.State;

/// <summary>A progress that is replaced as a whole, so that other threads never see a half of one.</summary>
internal sealed class ProgressBox(Progress value)
{
    public Progress Value { get; } = value;
}
