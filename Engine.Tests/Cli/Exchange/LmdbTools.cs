using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Engine.Tests.Cli.Exchange;

/// <summary>
/// LMDB's own mdb_load and mdb_dump (Debian's package lmdb-utils), for files that LMDB wrote and for what it says of
/// them.
/// </summary>
internal static class LmdbTools
{
    /// <summary>Skips the test where they are not installed.</summary>
    public static void Need()
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("mdb_dump", "-V")
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true
                })!;
            process.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("needs mdb_load and mdb_dump of LMDB: apt-get install lmdb-utils");
        }
    }

    /// <summary>Compares what may be megabytes: NUnit compares arrays element by element, as objects.</summary>
    public static void AssertEqual(byte[] actual, byte[] expected)
    {
        int common = actual.AsSpan().CommonPrefixLength(expected);
        Assert.That(
            common == actual.Length && common == expected.Length,
            Is.True,
            $"{actual.Length} and {expected.Length} bytes, equal up to byte {common}");
    }

    /// <summary>Loads a dump into the environment in a directory, which is made if it is missing.</summary>
    /// <returns>What mdb_load complained about.</returns>
    public static string Load(byte[] dump, string directory, int expectedExitCode = 0)
    {
        Directory.CreateDirectory(directory);
        (int exitCode, _, string error) = Run("mdb_load", dump, directory);
        Assert.That(exitCode, Is.EqualTo(expectedExitCode), error);
        return error;
    }

    /// <summary>Dumps an environment.</summary>
    public static byte[] Dump(string directory, params string[] options)
    {
        (int exitCode, byte[] output, string error) = Run("mdb_dump", [], [.. options, directory]);
        Assert.That(exitCode, Is.Zero, error);
        return output;
    }

    /// <summary>A dump in hexadecimal, as a text file would hold it.</summary>
    public static byte[] MakeDump(
        string? name, string[] flags, IEnumerable<(byte[] Key, byte[] Value)> entries, int mapSize = 256 * 1024 * 1024)
    {
        var dump = new StringBuilder("VERSION=3\nformat=bytevalue\n");
        if (name is not null)
            dump.Append(CultureInfo.InvariantCulture, $"database={name}\n");
        dump.Append(CultureInfo.InvariantCulture, $"type=btree\nmapsize={mapSize}\nmaxreaders=126\n");
        foreach (string flag in flags)
            dump.Append(flag).Append("=1\n");
        dump.Append("db_pagesize=4096\nHEADER=END\n");
        foreach ((byte[] key, byte[] value) in entries)
            dump.Append(' ')
                .Append(Convert.ToHexStringLower(key))
                .Append("\n ")
                .Append(Convert.ToHexStringLower(value))
                .Append('\n');
        return Encoding.ASCII.GetBytes(dump.Append("DATA=END\n").ToString());
    }

    /// <summary>What a dump holds: name (empty for the unnamed database) to the entries in their order.</summary>
    public static Dictionary<string, List<(string Key, string Value)>> Parse(byte[] dump)
    {
        var databases = new Dictionary<string, List<(string, string)>>(StringComparer.Ordinal);
        string name = "";
        List<(string, string)>? entries = null;
        string? key = null;
        foreach (string line in Encoding.UTF8.GetString(dump).Split('\n'))
        {
            if (line.StartsWith("database=", StringComparison.Ordinal))
                name = line["database=".Length..];
            else if (line == "HEADER=END")
                databases.Add(name, entries = []);
            else if (line == "DATA=END")
                (name, entries) = ("", null);
            else if (entries is not null && key is null)
                key = line[1..];
            else if (entries is not null && key is not null)
            {
                entries.Add((key, line[1..]));
                key = null;
            }
        }

        return databases;
    }

    /// <summary>
    /// An environment whose pages are not those of this machine: its two metas, which LMDB takes over.
    /// </summary>
    public static void MakeEnvironment(string directory, int pageSize)
    {
        Directory.CreateDirectory(directory);
        byte[] file = new byte[2 * pageSize];
        for (int i = 0; i < 2; i++)
        {
            Span<byte> page = file.AsSpan(i * pageSize, pageSize);
            BinaryPrimitives.WriteUInt64LittleEndian(page[0..], (ulong)i);
            BinaryPrimitives.WriteUInt16LittleEndian(page[10..], 0x08);
            Span<byte> meta = page[16..];
            BinaryPrimitives.WriteUInt32LittleEndian(meta[0..], 0xBEEFC0DE);
            BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], 256 * 1024 * 1024);
            BinaryPrimitives.WriteUInt32LittleEndian(meta[24..], (uint)pageSize);
            BinaryPrimitives.WriteUInt16LittleEndian(meta[28..], 0x08);
            BinaryPrimitives.WriteUInt64LittleEndian(meta[(24 + 40)..], ulong.MaxValue);
            BinaryPrimitives.WriteUInt64LittleEndian(meta[(72 + 40)..], ulong.MaxValue);
            BinaryPrimitives.WriteUInt64LittleEndian(meta[120..], 1);
        }

        File.WriteAllBytes(Path.Combine(directory, "data.mdb"), file);
    }

    private static (int ExitCode, byte[] Output, string Error) Run(
        string program, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task writing = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It gave up before the end; its exit code says so.
            }
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        writing.Wait();
        process.WaitForExit();
        return (process.ExitCode, output.ToArray(), error.Result);
    }
}
