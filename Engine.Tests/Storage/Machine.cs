using System.Diagnostics;

namespace Engine.Tests.Storage;

/// <summary>What some tests need from the machine; without it they are skipped, with a message.</summary>
internal static class Machine
{
    /// <summary>Skips the test unless it runs on Linux.</summary>
    public static void NeedLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("needs Linux");
        }
    }

    /// <summary>Skips the test unless a command succeeds.</summary>
    public static void Need(params string[] command)
    {
        NeedLinux();
        try
        {
            if (Run(command).ExitCode == 0)
            {
                return;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not installed.
        }

        Assert.Ignore($"needs a working '{string.Join(' ', command)}'");
    }

    /// <summary>Runs a command to its end.</summary>
    public static (int ExitCode, string Output) Run(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>
    /// What to start a helper under so that file permissions bind it: nothing, or another user if we are root.
    /// </summary>
    public static string[] AsOrdinaryUser()
    {
        NeedLinux();
        if (!Environment.IsPrivilegedProcess)
        {
            return [];
        }

        string[] other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        Need([.. other, "test", "-r", typeof(Machine).Assembly.Location]);
        return other;
    }

    /// <summary>
    /// What to start a helper under so that a small file system is mounted at a folder, for it alone.
    /// </summary>
    public static string[] WithMount(string folder, string options)
    {
        Need("unshare", "--mount", "true");
        return ["unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o {options} tmpfs '{folder}' && exec \"$@\"", "sh"];
    }

    /// <summary>
    /// What to start a helper under so that a new file system in an image is mounted at a folder, for it alone.
    /// </summary>
    public static string[] WithImage(string fileSystem, string size, string image, string folder)
    {
        Need("mkfs." + fileSystem, "-V");
        string mount = $"truncate -s {size} '{image}' && mkfs.{fileSystem} -q '{image}' >/dev/null 2>&1 "
            + $"&& mkdir -p '{folder}' && mount -o loop '{image}' '{folder}'";
        Need("unshare", "--mount", "sh", "-c", mount);
        return ["unshare", "--mount", "sh", "-c", $"mount -o loop '{image}' '{folder}' && exec \"$@\"", "sh"];
    }
}
