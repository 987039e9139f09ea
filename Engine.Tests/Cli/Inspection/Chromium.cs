using System.Diagnostics;

namespace Engine.Tests.Cli.Inspection;

/// <summary>A browser without a window, where there is one.</summary>
internal static class Chromium
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static string? Path { get; } = ((string[])["chromium", "chromium-browser", "google-chrome"])
        .SelectMany(
            name => (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Select(folder => System.IO.Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Skips the test where there is no browser.</summary>
    public static void Require()
    {
        if (Path is null)
            Assert.Ignore("there is no chromium: install it to see that the HTML map works in a browser");
    }

    /// <summary>Opens a page, lets its scripts run, and gives back the document that they made.</summary>
    public static string DumpDom(string url, string profile) =>
        Run(profile, "--dump-dom", "--window-size=1400,900", url);

    private static string Run(string profile, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            $"--user-data-dir={profile}", "--virtual-time-budget=20000", .. arguments])
            start.ArgumentList.Add(argument);
        using Process browser = Process.Start(start)!;
        Task<string> error = browser.StandardError.ReadToEndAsync();
        Task<string> output = browser.StandardOutput.ReadToEndAsync();
        if (!browser.WaitForExit(Patience))
        {
            browser.Kill(entireProcessTree: true);
            Assert.Fail($"the browser did not end: {error.Result}");
        }

        return output.Result;
    }
}
