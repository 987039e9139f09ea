using System.Net;
using System.Text.RegularExpressions;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

/// <summary>Opens the HTML map in a browser, points and clicks, and reads what the page then says.</summary>
internal sealed partial class HtmlMapTests : InspectionFixture
{
    private string Map => InFolder("map.html");

    [Test]
    public void Legend_CountsEveryPage()
    {
        Chromium.Require();
        Run("pages", WriteSoundImage(isVerified: false), "--html", Map).Expect(0);
        string dom = Open("");
        Assert.That(
            Legend(dom),
            Is.EqualTo(
                new[] { "reserved 32", "branch 5", "leaf 15", "overflow 5", "space log 2", "free, reusable 5" }));
        Assert.That(dom, Does.Contain("64 pages of 512 bytes, 32.0 KiB, transaction 9"));
    }

    [Test]
    public void Click_ShowsTheFieldsOfThePage()
    {
        Chromium.Require();
        var image = DamageCase.Sound(isVerified: false);
        Run("pages", WriteImage(image), "--html", Map).Expect(0);
        string details = Details(Open(PointAt(image.Leaf(index: 1).Number, "pointerdown", "pointerup")));
        Assert.That(
            details,
            Does.Contain("page: 42")
                .And.Contain("kind: leaf")
                .And.Contain("tree: (default)")
                .And.Contain("parent: 52"));
        Assert.That(
            details,
            Does.Contain("keys: from \"key-00004\", below \"key-00008\"")
                .And.Contain("entries: 4")
                .And.Contain("dead bytes: 0"));
        Assert.That(details, Does.Match(@"crc: 0x[0-9a-f]{8}").And.Match(@"birth: \d+ "));
    }

    [Test]
    public void Hover_SaysWhatThePageIs()
    {
        Chromium.Require();
        var image = DamageCase.Sound(isVerified: false);
        Run("pages", WriteImage(image), "--html", Map).Expect(0);
        string dom = Open(PointAt(image.Root().Number, "pointermove"));
        Assert.That(
            WebUtility.HtmlDecode(Tip().Match(dom).Groups[1].Value),
            Does.StartWith("page 55: branch of (default), level 2, 16.3 % full, born in "));
    }

    [Test]
    public void EveryKindOfPage_HasItsDetails()
    {
        Chromium.Require();
        var image = DamageCase.Sound(isVerified: false);
        image.Page(image.Leaf().Number)[500] ^= 0x10;
        Run("pages", WriteImage(image), "--html", Map).Expect(1);
        (ulong Page, string[] Facts)[] expected =
        [
            (0, ["kind: reserved"]), (33, ["kind: free, reusable", "extent: 2 pages from 33", "snapshots: 7 to 7"]),
            (image.Leaf().Number, ["kind: damaged", "damage: CRC 0x"]),
            (40, ["kind: overflow", "run: 2 of 3 pages from 39", "value: 1.46 KiB", "leaf: 42"]),
            (image.Root().Number, ["children: 3", "down to: 52, 53, 54", "parent: none: a root"]),
            (image.LogPage().Number, ["kind: space log", "crc: 0x"]),
        ];
        foreach (var (page, facts) in expected)
        {
            string details = Details(Open($"select({page});"));
            foreach (string fact in facts)
                Assert.That(details, Does.Contain(fact), $"page {page}");
        }
    }

    [Test]
    public void Modes_ColourByAgeFillAndTree()
    {
        Chromium.Require();
        Run("pages", WriteSoundImage(isVerified: false), "--html", Map).Expect(0);
        Assert.That(Legend(Open(Mode("age"))), Has.Some.StartsWith("newest commit ").And.Some.StartsWith("2 to 3 "));
        Assert.That(Legend(Open(Mode("fill"))), Has.Some.StartsWith("20 to 30 % "));
        Assert.That(
            Legend(Open(Mode("tree"))), Has.Member("animals 4").And.Member("(default) 19").And.Member("(catalog) 1"));

        static string Mode(string mode) =>
            $"const chooser = document.getElementById('mode'); chooser.value = '{mode}'; chooser.onchange({{ target: "
            + $"chooser }});";
    }

    [TestCase(360)]
    [TestCase(500)]
    [TestCase(800)]
    [TestCase(1400)]
    public void TheMap_HasRoomInWindowsOfAnyWidth(int width)
    {
        Chromium.Require();
        Run("pages", WriteSoundImage(isVerified: false), "--html", Map).Expect(0);

        // In a frame: a window of the browser itself is not as narrow as that of a telephone.
        const string Measure = """
            const room = document.documentElement.clientWidth;
            window.parent.postMessage([room, stage.clientWidth, stage.clientHeight, document.documentElement.scrollWidth].join(' '), '*');
            """;
        File.WriteAllText(InFolder("framed.html"), WithScript(Measure));
        File.WriteAllText(InFolder("frame.html"), $"""
            <!DOCTYPE html><title>none</title><body style="margin:0"><script>addEventListener('message', event => document.title = event.data)</script>
            <iframe style="border:0;width:{width}px;height:740px" src="framed.html"></iframe></body>
            """);
        string dom = Chromium.DumpDom("file://" + InFolder("frame.html"), InFolder("profile"));
        int[] sizes = [.. Regex.Match(dom, "<title>([0-9 ]+)</title>").Groups[1].Value.Split(' ').Select(int.Parse)];
        Assert.That(sizes[0], Is.EqualTo(width));
        Assert.That(sizes[1], Is.GreaterThanOrEqualTo(Math.Min(width, 440)), "columns of the map");
        Assert.That(sizes[2], Is.GreaterThanOrEqualTo(320), "rows of the map");
        Assert.That(sizes[3], Is.LessThanOrEqualTo(width), "nothing sticks out");
    }

    [Test]
    public void TheSelection_HasTheColourOfNoPage()
    {
        Chromium.Require();
        Run("pages", WriteSoundImage(isVerified: false), "--html", Map).Expect(0);
        string dom = Open("""
            const colours = [...KIND_COLORS, ...RAMP, ...TREE_COLORS], strokes = [], stroke = ink.strokeRect.bind(ink);
            ink.strokeRect = (...box) => { strokes.push(ink.strokeStyle); stroke(...box); };
            select(40); draw();
            document.title = 'strokes ' + strokes.length + ', used ' + strokes.filter(color => colours.includes(color)).length;
            """);
        Assert.That(dom, Does.Match("<title>strokes [3-9], used 0</title>"));
    }

    [Test]
    public void TheKeyboard_ReachesEveryPage_AndWhatIsShownIsSaid()
    {
        Chromium.Require();
        var image = DamageCase.Sound(isVerified: false);
        Run("pages", WriteImage(image), "--html", Map).Expect(0);
        Assert.That(Announced(Open(Press("ArrowRight"))), Does.StartWith("page 0; kind reserved; "));
        Assert.That(Announced(Open(Press("Home", "ArrowRight", "ArrowRight", "ArrowLeft"))),
            Does.StartWith("page 1; "));
        Assert.That(Announced(Open(Press("End"))), Does.StartWith("page 63; "));
        Assert.That(Announced(Open(Press("Home", "ArrowDown") + "if (selected !== columns) throw 0;")),
            Does.StartWith("page "));
        Assert.That(Announced(Open(Press("End", "PageDown", "PageUp", "PageUp", "ArrowUp"))),
            Does.StartWith("page 0; "));
        Assert.That(Announced(Open(Press("End", "Escape"))), Is.EqualTo("no page selected"));
        string leaf = Announced(Open($"select({image.Leaf(index: 1).Number});"));
        Assert.That(
            leaf,
            Does.Contain("kind leaf; ")
                .And.Contain("tree (default); ")
                .And.Contain("keys from \"key-00004\", below \"key-00008\"; ")
                .And.Contain("parent 52; "));
        string dom = Open("");
        Assert.That(
            dom,
            Does.Match(
                "<canvas id=\"map\" tabindex=\"0\" role=\"application\" aria-label=\"[^\"]+\" "
                + "aria-describedby=\"help\""));
        Assert.That(dom, Does.Match("<div id=\"announce\" role=\"status\" aria-live=\"polite\">"));

        static string Press(params string[] keys) =>
            string.Concat(keys.Select(key =>
                $"canvas.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}' }}));"));
    }

    [Test]
    public void TheView_FollowsTheWindow_UntilItIsMoved()
    {
        Chromium.Require();
        Run("pages", WriteSoundImage(isVerified: false), "--html", Map).Expect(0);
        string dom = Open("""
            const whole = () => scale * columns <= stage.clientWidth && scale * rowCount <= stage.clientHeight;
            stage.style.width = '200px';
            setTimeout(() => {
              const before = whole();
              zoom(3, 10, 10);
              const mine = scale;
              stage.style.width = '150px';
              setTimeout(() => document.title = 'fits ' + before + ', kept ' + (scale === mine), 100);
            }, 100);
            """);
        Assert.That(dom, Does.Contain("<title>fits true, kept true</title>"));
    }

    [Test]
    public void Names_ThatDoNotPrint_AreEscaped()
    {
        string path = InFolder("a\u202eb.db");
        Run("put", path, "k\u202e", "v", "--tree", "t\u009b\u202e").Expect(0);
        Run("pages", path, "--html", Map).Expect(0);
        string html = File.ReadAllText(Map);
        Assert.That(html, Does.Not.Contain("\u202e").And.Not.Contain("\\u202E").And.Contain("a\\e2\\80\\aeb.db"));
    }

    [Test]
    public void Names_AreNoMarkup()
    {
        string path = InFolder("<b>&.db");
        Run("put", path, "k", "v", "--tree", "</script><script>alert(1)</script>").Expect(0);
        Run("pages", path, "--html", Map).Expect(0);
        string html = File.ReadAllText(Map);
        Assert.That(
            html, Does.Not.Contain("alert(1)</script>").And.Not.Contain("<b>&").And.Contain("&lt;b&gt;&amp;.db"));
        Assert.That(
            html,
            Does.Not.Contain("http://").And.Not.Contain("https://").And.Not.Contain("src="),
            "it needs nothing but itself");
    }

    [Test]
    public void AFileThatExists_IsKeptUnlessForced()
    {
        string path = WriteSoundImage(isVerified: false);
        File.WriteAllText(Map, "precious");
        Run("pages", path, "--html", Map).ExpectError(2, "--force");
        Assert.That(File.ReadAllText(Map), Is.EqualTo("precious"));
        Run("pages", path, "--html", Map, "--force").Expect(0);
        Assert.That(File.ReadAllText(Map), Does.StartWith("<!DOCTYPE html>"));
        byte[] before = File.ReadAllBytes(path);
        Run("pages", path, "--html", path, "--force").ExpectError(2, "is the database");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(before));
        Run("pages", path, "--html", InFolder("no/folder.html")).ExpectError(2, "cannot write");
    }

    [Test]
    public void AMillionPages_StayUsable()
    {
        Chromium.Require();
        string path = WriteSoundImage(isVerified: false);
        Run("pages", path, "--html", Map).Expect(0);

        // The same document with the data of a million leaves: the map itself is what is tried, not the file system.
        var data = new StringWriter { NewLine = "\n" };
        const int Pages = 1_000_000;
        var writer = new Engine.Cli.Inspection.Map.MapDataWriter(data);
        writer.Number(4);
        writer.Number(0);
        for (ulong page = 4; page < Pages; page++)
        {
            writer.Number(5);
            writer.Difference(page, page == 4 ? 0 : page - 1);
            foreach (ulong field in (ulong[])[0, page % 300, 37, 3000, page % 90, 8])
                writer.Number(field);
            writer.Word((uint)page * 2654435761);
            writer.Number(4);
            writer.Number(8);
            writer.Bytes(BitConverter.GetBytes(page * 0x9E3779B97F4A7C15));
        }

        writer.Number(0);
        writer.Flush();
        string html = DataElement().Replace(File.ReadAllText(Map), "$1" + data + "$3");
        File.WriteAllText(Map, html.Replace("\"pageCount\":64", $"\"pageCount\":{Pages}", StringComparison.Ordinal));
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        string dom = Open(
            "const before = performance.now(); zoom(8, 100, 100); draw(); select(999999, true); draw(); document.title "
            + "= 'drawn in ' + Math.round(performance.now() - before) + ' ms, loaded after ' + Math.round(before);");
        TestContext.Out.WriteLine(
            $"{new FileInfo(Map).Length:N0} bytes, "
            + $"{System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s with the start of the browser, "
            + $"{Title().Match(dom).Value}");
        Assert.That(Details(dom), Does.Contain("page: 999,999").And.Contain("kind: leaf").And.Contain("entries: 37"));
        Assert.That(int.Parse(Title().Match(dom).Groups[1].Value), Is.LessThan(2000), "two redraws");
        Assert.That(Regex.Count(dom, "<(div|span|button|tr)"), Is.LessThan(200), "no element for each page");
    }

    /// <summary>Moves the pointer to the middle of a page's cell.</summary>
    private static string PointAt(ulong page, params string[] events) =>
        $"const x = left + ({page} % columns + .5) * scale, y = top_ + (Math.floor({page} / columns) + .5) * scale, "
        + $"box = canvas.getBoundingClientRect();"
        + string.Concat(
            events.Select(
                name => $"canvas.dispatchEvent(new PointerEvent('{name}', {{ clientX: box.left + x, clientY: box.top + "
                    + $"y, bubbles: true }}));"));

    private string Open(string script)
    {
        string page = InFolder("try.html");
        File.WriteAllText(page, WithScript(script));
        return Chromium.DumpDom("file://" + page, InFolder("profile"));
    }

    private string WithScript(string script) =>
        File.ReadAllText(Map).Replace("</body>", $"<script>{script}</script></body>", StringComparison.Ordinal);

    private static string Announced(string dom) => WebUtility.HtmlDecode(Announcement().Match(dom).Groups[1].Value);

    private static string[] Legend(string dom) =>
        [
            .. LegendRow().Matches(dom).Select(
                row => WebUtility.HtmlDecode(row.Groups[1].Value) + " " + row.Groups[2].Value)
        ];

    private static string Details(string dom) => string.Join(
        '\n',
        DetailRow().Matches(dom).Select(
            row => WebUtility.HtmlDecode(row.Groups[1].Value) + ": "
                + WebUtility.HtmlDecode(Tags().Replace(row.Groups[2].Value, ""))));

    [GeneratedRegex("<span class=\"swatch\"[^>]*></span><span>([^<]*)</span><span class=\"count\">([^<]*)</span>")]
    private static partial Regex LegendRow();

    [GeneratedRegex("<tr><td>([^<]*)</td><td>(.*?)</td></tr>")]
    private static partial Regex DetailRow();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("<div id=\"tip\"[^>]*>([^<]*)</div>")]
    private static partial Regex Tip();

    [GeneratedRegex("<div id=\"announce\"[^>]*>([^<]*)</div>")]
    private static partial Regex Announcement();

    [GeneratedRegex("<title>drawn in (\\d+) ms, loaded after \\d+</title>")]
    private static partial Regex Title();

    [GeneratedRegex("(<script id=\"data\" type=\"text/plain\">\n)(.*?)(</script>)", RegexOptions.Singleline)]
    private static partial Regex DataElement();
}
