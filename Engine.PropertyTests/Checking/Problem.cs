using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Engine.PropertyTests.Checking;

/// <summary>
/// Text of a problem, put together only if there is one: the checker asks a dozen questions of every page, thousands of
/// images a second.
/// </summary>
[InterpolatedStringHandler]
internal ref struct Problem
{
    private DefaultInterpolatedStringHandler _text;

    public Problem(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        isNeeded = !condition;
        _text = condition
            ? default
            : new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <exception cref="ImageException">Always.</exception>
    [DoesNotReturn]
    public void Throw(ulong page) => throw new ImageException($"page {page} {_text.ToStringAndClear()}");
}
