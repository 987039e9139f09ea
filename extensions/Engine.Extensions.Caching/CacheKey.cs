using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace Engine.Extensions.Caching;

/// <summary>Writes the hash of a key's UTF-16 form, <see cref="CacheKey.HashLength"/> bytes.</summary>
internal delegate void KeyHash(ReadOnlySpan<byte> key, Span<byte> hash);

/// <summary>
/// How a key of the cache becomes one of a tree: a byte that says how, then the key in UTF-8; or, if that is too long
/// or the string has halves of surrogate pairs, a hash. Then the whole key stands in the entry, and is compared.
/// </summary>
internal static class CacheKey
{
    public const int HashLength = 32;

    /// <summary>Longest stored key; a page of 4 KiB has room for it.</summary>
    public const int MaxLength = 1024;

    private const byte Whole = 0;
    private const byte Hashed = 1;

    /// <summary>How much room a key needs: less for most, because the room is cleared each time.</summary>
    public static int BufferLength(string key)
    {
        const int Short = 80;
        const int RoomOfShort = 256;
        return key.Length <= Short ? RoomOfShort : MaxLength;
    }

    /// <summary>Writes the stored key.</summary>
    /// <param name="key">The cache's key.</param>
    /// <param name="buffer">As long as <see cref="BufferLength"/> says.</param>
    /// <param name="limit">The longest key of the database.</param>
    /// <param name="hash">Hashes what is too long.</param>
    /// <returns>The stored key, within the buffer.</returns>
    public static ReadOnlySpan<byte> Write(string key, Span<byte> buffer, int limit, KeyHash hash)
    {
        var room = buffer[1..Math.Min(limit, buffer.Length)];
        if (Utf8.FromUtf16(key, room, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            buffer[0] = Whole;
            return buffer[..(1 + length)];
        }

        buffer[0] = Hashed;
        hash(MemoryMarshal.AsBytes(key.AsSpan()), buffer.Slice(1, HashLength));
        return buffer[..(1 + HashLength)];
    }

    /// <summary>Whether the whole key must stand in the entry, because the stored one is a hash.</summary>
    public static bool IsHashed(ReadOnlySpan<byte> storedKey) => storedKey[0] == Hashed;

    public static void Sha256(ReadOnlySpan<byte> key, Span<byte> hash) => SHA256.HashData(key, hash);
}
