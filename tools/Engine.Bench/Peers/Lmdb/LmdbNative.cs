using System.Runtime.InteropServices;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>
/// The parts of lmdb.h (0.9) that the workloads need. All signatures are blittable, so a call is the native call and,
/// at most, a GC transition. <c>SuppressGCTransition</c> is right for calls that are short, do not block, make no
/// system call and never call back: reads of cached pages and resetting or renewing a reader. Writes, and all that
/// begins or ends a write transaction, may allocate, lock or write to the file and keep the transition.
/// </summary>
internal static unsafe partial class LmdbNative
{
    public const string Library = "liblmdb.so.0";

    public const uint NoSubdirectory = 0x4000;
    public const uint NoSync = 0x10000;
    public const uint ReadOnly = 0x20000;

    /// <summary>For <see cref="OpenDatabase"/>: makes it if there is none of that name.</summary>
    public const uint Create = 0x40000;

    /// <summary>For <see cref="OpenDatabase"/>: keys have many values, in order.</summary>
    public const uint DuplicatesSorted = 0x4;

    /// <summary>For <see cref="OpenDatabase"/>: and these have all one length.</summary>
    public const uint DuplicatesFixed = 0x10;

    /// <summary>For <see cref="Put"/>: a pair that is there is refused.</summary>
    public const uint NoDuplicateData = 0x20;

    /// <summary>What <see cref="NoDuplicateData"/> refuses with.</summary>
    public const int KeyExists = -30799;

    /// <summary>For <see cref="Put"/>: the key is above all others.</summary>
    public const uint Append = 0x20000;
    public const uint NoThreadLocalStorage = 0x200000;
    public const uint NoReadAhead = 0x800000;

    public const int NotFound = -30798;

    [LibraryImport(Library, EntryPoint = "mdb_version")]
    public static partial byte* Version(int* major, int* minor, int* patch);

    [LibraryImport(Library, EntryPoint = "mdb_version")]
    [SuppressGCTransition]
    public static partial byte* VersionHot(int* major, int* minor, int* patch);

    [LibraryImport(Library, EntryPoint = "mdb_strerror")]
    public static partial byte* ErrorText(int error);

    [LibraryImport(Library, EntryPoint = "mdb_env_create")]
    public static partial int CreateEnvironment(nint* environment);

    [LibraryImport(Library, EntryPoint = "mdb_env_set_mapsize")]
    public static partial int SetMapSize(nint environment, nuint size);

    [LibraryImport(Library, EntryPoint = "mdb_env_set_maxdbs")]
    public static partial int SetMaxDatabases(nint environment, uint count);

    [LibraryImport(Library, EntryPoint = "mdb_env_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenEnvironment(nint environment, string path, uint flags, uint mode);

    [LibraryImport(Library, EntryPoint = "mdb_env_close")]
    public static partial void CloseEnvironment(nint environment);

    [LibraryImport(Library, EntryPoint = "mdb_env_set_flags")]
    public static partial int SetEnvironmentFlags(nint environment, uint flags, int on);

    [LibraryImport(Library, EntryPoint = "mdb_env_sync")]
    public static partial int Sync(nint environment, int force);

    [LibraryImport(Library, EntryPoint = "mdb_txn_begin")]
    public static partial int Begin(nint environment, nint parent, uint flags, nint* transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_commit")]
    public static partial int Commit(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_abort")]
    public static partial void Abort(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_reset")]
    [SuppressGCTransition]
    public static partial void ResetHot(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_renew")]
    [SuppressGCTransition]
    public static partial int RenewHot(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_dbi_open")]
    public static partial int OpenDatabase(nint transaction, byte* name, uint flags, uint* database);

    [LibraryImport(Library, EntryPoint = "mdb_stat")]
    public static partial int GetStatistics(nint transaction, uint database, LmdbStatistics* statistics);

    [LibraryImport(Library, EntryPoint = "mdb_get")]
    [SuppressGCTransition]
    public static partial int GetHot(nint transaction, uint database, LmdbValue* key, LmdbValue* value);

    [LibraryImport(Library, EntryPoint = "mdb_put")]
    public static partial int Put(nint transaction, uint database, LmdbValue* key, LmdbValue* value, uint flags);

    [LibraryImport(Library, EntryPoint = "mdb_del")]
    public static partial int Delete(nint transaction, uint database, LmdbValue* key, LmdbValue* value);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_open")]
    public static partial int OpenCursor(nint transaction, uint database, nint* cursor);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_close")]
    public static partial void CloseCursor(nint cursor);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_get")]
    [SuppressGCTransition]
    public static partial int CursorGetHot(
        nint cursor, LmdbValue* key, LmdbValue* value, LmdbCursorOperation operation);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_del")]
    public static partial int CursorDelete(nint cursor, uint flags);

    /// <exception cref="BenchException">LMDB reported an error.</exception>
    public static void Check(int result)
    {
        if (result != 0)
        {
            Throw(result);
        }
    }

    private static void Throw(int result) =>
        throw new BenchException($"LMDB: {Marshal.PtrToStringUTF8((nint)ErrorText(result))} (error {result}).");
}
