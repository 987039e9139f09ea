using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Simulation;

/// <summary>Damage to a file at rest, as numbers that are taken modulo what there is.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Place">Where: a byte, a sector, a page or a slot.</param>
/// <param name="Detail">Which bit, or how long ago.</param>
internal readonly record struct Decay(DecayKind Kind, int Place, int Detail)
{
    /// <summary>How many kinds there are.</summary>
    public static int Kinds => Enum.GetValues<DecayKind>().Length;

    /// <summary>
    /// Whether it happens in one place, against which a closed file is proof by itself; against two it needs
    /// the lock file's word.
    /// </summary>
    public bool IsSingle => Kind != DecayKind.EarlierMetaBesideBit;

    /// <summary>One of a seed.</summary>
    public static Decay Of(ulong seed) =>
        new(
            (DecayKind)(Dice.Mix(seed) % (ulong)Kinds),
            (int)(Dice.Mix(seed + 1) >> 33),
            (int)(Dice.Mix(seed + 2) >> 33));

    /// <summary>All of them, with every place and some details of each kind.</summary>
    public static IEnumerable<Decay> All(int length, int pageSize, int earlier)
    {
        for (var slot = 0; slot < 2; slot++)
        {
            yield return new(DecayKind.EmptyMeta, slot, 0);
            for (var age = 0; age < earlier; age++)
            {
                yield return new(DecayKind.EarlierMeta, slot, age);
                yield return new(DecayKind.EarlierMetaBesideBit, slot, age);
                for (var sector = 0; sector < ImageLayout.BlockSize / SimulatedDisk.SectorSize; sector++)
                {
                    yield return new(DecayKind.EarlierSector, slot + (2 * sector), age);
                }
            }
        }

        for (var bytes = 0; bytes < length; bytes += SimulatedDisk.SectorSize)
        {
            yield return new(DecayKind.Cut, bytes / SimulatedDisk.SectorSize, 0);
        }

        // Every byte of what pages hold, and of the blocks what is not zero as a rule.
        for (var at = 0;
            at < length;
            at += at < ImageLayout.ReservedBytes && at % ImageLayout.BlockSize >= 512 ? 61 : 1)
        {
            yield return new(DecayKind.Bit, at, at);
        }

        for (var page = 0; page < (length - ImageLayout.ReservedBytes) / pageSize; page++)
        {
            yield return new(DecayKind.EmptyPage, page, 0);
            yield return new(DecayKind.MisdirectedPage, page, 0);
            for (var age = 0; age < earlier; age++)
            {
                yield return new(DecayKind.EarlierPage, page, age);
            }
        }
    }

    /// <summary>The damaged file. It may be equal to the sound one.</summary>
    /// <param name="image">The file.</param>
    /// <param name="pageSize">Its page size.</param>
    /// <param name="earlier">The file as it was before, the last one first.</param>
    public byte[] Apply(ReadOnlySpan<byte> image, int pageSize, IReadOnlyList<byte[]> earlier)
    {
        var first = Math.Max(ImageLayout.ReservedBytes, pageSize);
        var pages = (image.Length - first) / pageSize;
        var page = pages == 0 ? first : first + (Place % pages * pageSize);
        var slot = (1 + (Place & 1)) * ImageLayout.BlockSize;
        var sector = (Place >> 1) % (ImageLayout.BlockSize / SimulatedDisk.SectorSize) * SimulatedDisk.SectorSize;
        var changed = image.ToArray();
        switch (Kind)
        {
            case DecayKind.Cut:
                return changed[..(Place % ((image.Length + SimulatedDisk.SectorSize - 1) / SimulatedDisk.SectorSize)
                    * SimulatedDisk.SectorSize)];
            case DecayKind.EarlierPage when pages > 0:
                Restore(changed, page, pageSize, earlier);
                break;
            case DecayKind.EarlierMeta:
                Restore(changed, slot, ImageLayout.BlockSize, earlier);
                break;
            case DecayKind.EarlierSector:
                Restore(changed, slot + sector, SimulatedDisk.SectorSize, earlier);
                break;
            case DecayKind.EarlierMetaBesideBit:
                Restore(changed, slot, ImageLayout.BlockSize, earlier);
                changed[(3 * ImageLayout.BlockSize) - slot + 40] ^= 1;
                break;
            case DecayKind.EmptyMeta:
                changed.AsSpan(slot, ImageLayout.BlockSize).Clear();
                break;
            case DecayKind.EmptyPage when pages > 0:
                changed.AsSpan(page, pageSize).Clear();
                break;
            case DecayKind.MisdirectedPage when pages > 0:
                image.Slice(page - pageSize, pageSize).CopyTo(changed.AsSpan(page));
                break;
            case DecayKind.Bit:
                changed[Place % image.Length] ^= (byte)(1 << (Detail & 7));
                break;
        }

        return changed;
    }

    private void Restore(byte[] changed, int at, int length, IReadOnlyList<byte[]> earlier)
    {
        if (earlier.Count > 0 && earlier[Detail % earlier.Count] is var old && old.Length >= at + length)
        {
            old.AsSpan(at, length).CopyTo(changed.AsSpan(at));
        }
    }
}
