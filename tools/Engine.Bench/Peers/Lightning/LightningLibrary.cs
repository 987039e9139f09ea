using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Engine.Bench.Peers.Lmdb;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

/// <summary>
/// The native LMDB that LightningDB calls: its own, or, on a Linux older than that was built for, that of the system.
/// </summary>
internal static class LightningLibrary
{
    // What LightningDB asks the runtime for.
    private const string Name = "lmdb";

    /// <summary>Why there is none; null when it is loaded.</summary>
    public static string? Failure { get; } = Load();

    /// <summary>The file that was loaded.</summary>
    public static string File
    {
        get
        {
            using Process process = Process.GetCurrentProcess();
            string[] loaded = [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName)];
            return loaded.FirstOrDefault(file => Path.GetFileName(file) is
                    "liblmdb.so" or "lmdb.dll" or "liblmdb.dylib" or "lmdb.dylib")
                ?? loaded.FirstOrDefault(file => Path.GetFileName(file).StartsWith(
                    LmdbNative.Library, StringComparison.Ordinal))
                ?? "the package";
        }
    }

    // Before the first environment: one whose constructor fails cannot be disposed, and its finalizer ends the process.
    // The event comes after all the places where the runtime looks by itself. Unlike a resolver, of which an assembly
    // has one, it leaves room for others.
    private static string? Load()
    {
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            name == Name && NativeLibrary.TryLoad(LmdbNative.Library, out nint library) ? library : 0;
        try
        {
            NativeLibrary.Load(Name, typeof(LightningEnvironment).Assembly, null);
            return null;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            return failure.Message;
        }
    }
}
