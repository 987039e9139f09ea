namespace Engine.Tests.Cli;

/// <summary>Byte strings in which the bytes that matter to the tool's syntaxes are common.</summary>
internal static class RandomBytes
{
    private static readonly byte[] Interesting = [.. "\"\"\\\\ \t\r\n09afAF\0é東\u202E🎉"u8, 0xC3, 0xFF, 0x80];

    public static byte[] Next(Random random, int longest)
    {
        byte[] bytes = new byte[random.Next(longest + 1)];
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (random.Next(3) > 0)
                bytes[i] = Interesting[random.Next(Interesting.Length)];
        }

        return bytes;
    }
}
