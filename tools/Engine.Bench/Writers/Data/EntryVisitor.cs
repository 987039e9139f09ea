namespace Engine.Bench.Writers.Data;

/// <summary>Is shown an entry of a tree; the spans live until it returns.</summary>
internal delegate void EntryVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);
