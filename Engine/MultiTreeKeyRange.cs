using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// The keys of a multi-valued tree, each once, in ascending order, for <c>foreach</c>: from one key to the next is one
/// search, however many values there are between. Can be enumerated any number of times. It keeps its bounds: allocates
/// nothing unless they are longer than 48 bytes.
/// </summary>
public readonly ref struct MultiTreeKeyRange
{
    private readonly PairScope _scope;

    internal MultiTreeKeyRange(PairScope scope)
    {
        _scope = scope;
    }

    /// <summary>The keys of this range from one on, whether or not it is there.</summary>
    public MultiTreeKeyRange From(scoped ReadOnlySpan<byte> key)
    {
        var scope = _scope;
        scope.StartAtKey(key);
        return new(scope);
    }

    /// <summary>The keys of this range before one, whether or not it is there.</summary>
    public MultiTreeKeyRange Until(scoped ReadOnlySpan<byte> key)
    {
        var scope = _scope;
        scope.EndAtKey(key);
        return new(scope);
    }

    /// <summary>The same keys in descending order.</summary>
    public ReverseMultiTreeKeyRange Reverse() => new(_scope);

    /// <summary>Counts the keys by walking over them.</summary>
    public long Count()
    {
        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope);

    /// <summary>Walks over the keys.</summary>
    public ref struct Enumerator
    {
        private readonly PairScope _scope;
        private MultiReadCursor _cursor;

        internal Enumerator(PairScope scope)
        {
            _scope = scope;
            _cursor = new MultiReadCursor(scope.Reader, scope.Form);
        }

        /// <summary>The key; it lives as long as the read transaction.</summary>
        public readonly ReadOnlySpan<byte> Current => _cursor.Key;

        /// <summary>Moves to the next key.</summary>
        public bool MoveNext()
        {
            var found = _cursor.IsBeforeFirst
                ? _cursor.SeekPair(_scope.Bounds.From.Bytes)
                : _cursor.MoveToNextKey();
            if (found && _scope.IsBeforeEnd(_cursor.Pair))
            {
                return true;
            }

            _cursor.MoveBehindLast();
            return false;
        }
    }
}
