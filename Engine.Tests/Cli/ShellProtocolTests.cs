namespace Engine.Tests.Cli;

/// <summary>
/// The line protocol as transcripts: <c>&gt;</c> is what a script sends, the lines below it are the reply.
/// </summary>
internal sealed class ShellProtocolTests : ShellFixture
{
    [Test]
    public void APutIsReadBack() => Play("""
        > get alice
        absent
        > put alice 42
        ok
        > get alice
        value 42
        > put alice 43
        ok
        > get alice
        value 43
        """);

    [Test]
    public void ADelete_SaysWhetherThereWasAnything() => Play("""
        > put alice 42
        ok
        > del alice
        ok
        > del alice
        absent
        > get alice
        absent
        """);

    [Test]
    public void AScan_IsInOrderAndCounts() => Play("""
        > scan
        end 0
        > put b 2
        ok
        > put a 1
        ok
        > put c 3
        ok
        > scan
        a 1
        b 2
        c 3
        end 3
        > scan b
        b 2
        c 3
        end 2
        > scan a c
        a 1
        b 2
        end 2
        > scan c a
        end 0
        """);

    [Test]
    public void ATransaction_SeesItsOwnWritesAndCommitsThem() => Play("""
        > put a 1
        ok
        > begin
        ok
        > put b 2
        ok
        > del a
        ok
        > get b
        value 2
        > get a
        absent
        > scan
        b 2
        end 1
        > commit
        committed #
        > scan
        b 2
        end 1
        """);

    [Test]
    public void AnAbort_LeavesNothing() => Play("""
        > put a 1
        ok
        > begin
        ok
        > put a 2
        ok
        > put b 2
        ok
        > abort
        ok
        > scan
        a 1
        end 1
        > begin
        ok
        > commit
        committed #
        """);

    [Test]
    public void Tokens_CarryAnyByte() => Play("""
        > put "" ""
        ok
        > put \22\22 \00\ff\5c
        ok
        > put a\20b \C3\A9
        ok
        > put é x
        ok
        > scan
        "" ""
        \22\22 \00\ff\5c
        a\20b \c3\a9
        \c3\a9 x
        end 4
        > get ""
        value ""
        """);

    [Test]
    public void AKeyThatLooksLikeTheEndOfAScan_IsEscapedThere() => Play("""
        > put end 1
        ok
        > put error 2
        ok
        > put ends 3
        ok
        > scan
        \65nd 1
        ends 3
        \65rror 2
        end 3
        > get \65nd
        value 1
        """);

    [Test]
    public void WhateverFails_IsAnErrorAndTheShellGoesOn() => Play("""
        > fly away
        error unknown command 'fly': help lists the commands
        > PUT a b
        error unknown command 'PUT': help lists the commands
        > put a
        error wrong number of arguments: put KEY VALUE
        > put a b c
        error wrong number of arguments: put KEY VALUE
        > put a b c d e f g
        error wrong number of arguments: put KEY VALUE
        > get
        error wrong number of arguments: get KEY
        > scan a b c
        error wrong number of arguments: scan [FROM [TO]]
        > begin now
        error wrong number of arguments: begin
        > put \zz b
        error '\zz' is no escape: write \ and two hexadecimal digits, and \5c for a backslash
        > commit
        error commit without a transaction: begin one first
        > abort
        error abort without a transaction: begin one first
        > begin
        ok
        > begin
        error a transaction is open: commit or abort it first
        > put a 1
        ok
        > commit
        committed #
        > get a
        value 1
        """);

    [Test]
    public void ABlankLine_HasNoReply() => Play("""
        > 
        >   
        >   put   a 	 b  
        ok
        > get a
        value b
        """);

    [Test]
    public void ACheck_OfASoundFileIsOk() => Play("""
        > put a 1
        ok
        > check
        ok
        > begin
        ok
        > put b 1
        ok
        > check
        ok
        > commit
        committed #
        > check
        ok
        """);

    /// <summary>
    /// Plays what a transcript sends, all at once, and compares the replies. A # stands for any number.
    /// </summary>
    private void Play(string transcript)
    {
        string[] lines = transcript.ReplaceLineEndings("\n").Split('\n');
        string script = string.Concat(lines.Where(IsSent).Select(line => line[2..] + "\n"));
        string[] expected = [.. lines.Where(line => !IsSent(line))];
        string[] replies = Send(script);
        Assert.That(
            replies.Select(
                (reply, i) => i < expected.Length && expected[i].EndsWith('#') ? WithoutNumber(reply) : reply),
            Is.EqualTo(expected));
    }

    private static bool IsSent(string line) => line.StartsWith("> ", StringComparison.Ordinal);

    private static string WithoutNumber(string reply) => reply.TrimEnd([.. "0123456789"]) + "#";
}
