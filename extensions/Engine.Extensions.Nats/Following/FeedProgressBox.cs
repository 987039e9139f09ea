namespace Engine.Extensions.Nats.Following;

/// <summary>A progress that is replaced as a whole, so that other threads never see a half of one.</summary>
internal sealed class FeedProgressBox(FeedProgress value)
{
    public FeedProgress Value { get; } = value;
}
