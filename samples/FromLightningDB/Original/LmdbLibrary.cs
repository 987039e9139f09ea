using System.Reflection;
using System.Runtime.InteropServices;
using LightningDB;

namespace FromLightningDB.Original;

/// <summary>
/// LMDB itself. LightningDB brings one along, which an older Linux than it was built for cannot load; then that of the
/// distribution does as well.
/// </summary>
internal static class LmdbLibrary
{
    private const string Name = "lmdb";
    private const string NameOfTheSystem = "liblmdb.so.0";

    /// <summary>Whether there is one.</summary>
    public static bool IsThere { get; } = Prepare();

    /// <summary>To be called before anything of LightningDB is used.</summary>
    /// <exception cref="PlatformNotSupportedException">There is none.</exception>
    public static void Require()
    {
        if (!IsThere)
        {
            throw new PlatformNotSupportedException(
                "LMDB, which LightningDB brings along, cannot be loaded here. Install that of the system (on Debian "
                + "and Ubuntu the package liblmdb0), or start the program on a newer one.");
        }
    }

    private static bool Prepare()
    {
        var assembly = typeof(LightningEnvironment).Assembly;
        NativeLibrary.SetDllImportResolver(assembly, Find);
        return Find(Name, assembly, null) != 0;
    }

    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path) =>
        NativeLibrary.TryLoad(name, assembly, path, out var library)
        || (name == Name && NativeLibrary.TryLoad(NameOfTheSystem, out library)) ? library : 0;
}
