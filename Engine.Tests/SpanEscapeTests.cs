using Engine.Tests.Infrastructure;

namespace Engine.Tests;

/// <summary>What the compiler must refuse, and what it must not.</summary>
public class SpanEscapeTests
{
    [Test]
    public void Compiler_WhenASpanOverTheStackEscapes_RefusesIt()
    {
        var errors = CSharpCompiler.ErrorIds("""
            static class Example
            {
                static Span<byte> Escape()
                {
                    Span<byte> local = stackalloc byte[16];
                    return local;
                }
            }
            """);

        Assert.That(errors, Is.EqualTo(new[] { "CS8352" }));
    }

    [Test]
    public void Compiler_WhenASpanOverTheStackStays_AcceptsIt()
    {
        var errors = CSharpCompiler.ErrorIds("""
            static class Example
            {
                static int Length(ReadOnlySpan<byte> key)
                {
                    Span<byte> local = stackalloc byte[16];
                    key.CopyTo(local);
                    return local.Length;
                }
            }
            """);

        Assert.That(errors, Is.Empty);
    }
}
