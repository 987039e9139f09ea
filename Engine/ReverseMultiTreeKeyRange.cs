namespace Engine;

/// <summary>The keys of a multi-valued tree, each once, in descending order, for <c>foreach</c>. Can be enumerated any
/// number of times.</summary>
public readonly ref struct ReverseMultiTreeKeyRange
{
    private readonly PairScope _scope;

    internal ReverseMultiTreeKeyRange(PairScope scope)
    {
        _scope = scope;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope);

    /// <summary>Walks over the keys.</summary>
    public ref struct Enumerator
    {
        private readonly PairScope _scope;
        private MultiReadCursor _cursor;
        private bool _isStarted;

        internal Enumerator(PairScope scope)
        {
            _scope = scope;
            _cursor = new MultiReadCursor(scope.Reader, scope.Form);
        }

        /// <summary>The key; it lives as long as the read transaction.</summary>
        public readonly ReadOnlySpan<byte> Current => _cursor.Key;

        /// <summary>Moves to the key before.</summary>
        public bool MoveNext()
        {
            var found = _isStarted ? _cursor.MoveToPreviousKey() : Start();
            _isStarted = true;
            if (found && _cursor.Pair.SequenceCompareTo(_scope.Bounds.From.Bytes) >= 0)
            {
                return true;
            }

            _cursor.MoveBeforeFirst();
            return false;
        }

        private bool Start() => _scope.End switch
        {
            RangeEnd.None => _cursor.MoveToLast(),
            RangeEnd.Below => _cursor.SeekPairBelow(_scope.Bounds.To.Bytes),
            _ => _cursor.SeekPairAtPrefixEnd(_scope.Bounds.To.Bytes),
        };
    }
}
