namespace Engine.Bench.Data;

/// <summary>Positions <see cref="Start"/> … <see cref="End"/> − 1 of a stream of operations.</summary>
internal readonly record struct OperationRange(long Start, long Count)
{
    public long End => Start + Count;
}
