namespace Engine.Space;

/// <summary>What lies somewhere in the file.</summary>
internal interface IPlaced
{
    ulong FirstPage { get; }
}
