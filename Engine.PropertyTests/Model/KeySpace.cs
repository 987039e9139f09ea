using System.Buffers.Binary;
using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Makes keys and values of the numbers in a program. Small numbers give plain keys; the others lie where engines
/// break: the empty key, keys at the limit, long common prefixes, a key that is the prefix of another.
/// </summary>
internal sealed class KeySpace
{
    public const int Keys = 512;
    public const int Trees = 4;

    private readonly int _pageSize;
    private readonly int _keyLimit;

    public KeySpace(int pageSize)
    {
        _pageSize = pageSize;
        _keyLimit = ImageLayout.KeyLimit(pageSize);
    }

    /// <summary>The name of a tree; empty for the default tree.</summary>
    public static string TreeName(int number) => (number % Trees) switch
    {
        0 => "",
        1 => "users",
        2 => "u",
        _ => "ünï",
    };

    /// <summary>What a tree is created as: trees of every kind there are.</summary>
    public static TreeOptions TreeOptions(int number) => (number % Trees) switch
    {
        < 2 => Engine.TreeOptions.None,
        2 => Engine.TreeOptions.Counted,
        _ => Engine.TreeOptions.Counted | Engine.TreeOptions.MultiValued,
    };

    public byte[] Key(int number)
    {
        number %= Keys;
        switch (number & 7)
        {
            case 5:
                // Ordered as numbers, all of one length.
                return [(byte)'k', (byte)(number >> 8), (byte)number];
            case 6:
                // A prefix as long as the limit allows; differs at the very end.
                var longKey = new byte[_keyLimit];
                longKey.AsSpan().Fill((byte)'p');
                BinaryPrimitives.WriteUInt16BigEndian(longKey.AsSpan(_keyLimit - 2), (ushort)number);
                return longKey;
            case 7:
                // Zeros of different lengths: keys whose heads are equal though they are not; the first is empty.
                return new byte[(number >> 3) % Math.Min(_keyLimit, 24)];
            default:
                var key = new byte[2 + number % Math.Max(1, Math.Min(20, _keyLimit - 2))];
                Dice.Fill(key, (ulong)number / 2);
                BinaryPrimitives.WriteUInt16BigEndian(key, (ushort)(number * 40503));
                return key;
        }
    }

    /// <summary>
    /// Most values are short; some fill a cell to its limit, some need an overflow run of several pages.
    /// </summary>
    public byte[] Value(int number)
    {
        var length = (number % 16) switch
        {
            < 11 => number / 16 % 24,
            < 14 => number / 16 % (_pageSize / 2),
            _ => number / 16 % (5 * _pageSize),
        };
        var value = new byte[length];
        Dice.Fill(value, (ulong)number);
        return value;
    }
}
