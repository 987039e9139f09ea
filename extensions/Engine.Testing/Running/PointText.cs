using System.Globalization;
using System.Text;
using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>Crash points as one line of words.</summary>
internal static class PointText
{
    private const string SeedWord = "seed", ProgramWord = "program", FaultWord = "fault", MomentWord = "at",
        KillWord = "kill", PowerWord = "power", EndWord = "end", KeepWord = "keep", TornWord = "torn",
        FillWord = "fill", LengthWord = "length", NamesWord = "names", LockWord = "lock", DiceWord = "dice";

    private const string All = "all", None = "none";

    public static string Write(CrashPoint point)
    {
        var text = new StringBuilder();
        void Add(string word, params ReadOnlySpan<object> values)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(word);
            foreach (var value in values)
            {
                text.Append(CultureInfo.InvariantCulture, $":{value}");
            }
        }

        if (point.Seed is { } seed)
        {
            Add(SeedWord, seed);
            return text.ToString();
        }

        if (point.Program != 0)
        {
            Add(ProgramWord, point.Program);
        }

        if (point.Fault is { } fault)
        {
            Add(FaultWord, fault.Calls, fault.Kind, fault.Seed);
        }

        Add(MomentWord, point.Moment);
        if (point.Kind != CrashKind.PowerCut)
        {
            Add(point.Kind == CrashKind.Kill ? KillWord : EndWord);
            return text.ToString();
        }

        var plan = point.Plan;
        Add(PowerWord);
        AddSelection(plan.Keep, Add);
        if (plan.TearSector >= 0)
        {
            Add(TornWord, plan.TearSector, plan.TearWords);
        }

        if (plan.Fill != CrashFill.Old)
        {
            Add(FillWord, plan.Fill, plan.FillSector);
        }

        AddUnless(0, LengthWord, plan.Length);
        AddUnless(0, NamesWord, plan.Directory);
        AddUnless(0, LockWord, plan.Lock);
        if (plan.Seed != 0)
        {
            Add(DiceWord, plan.Seed);
        }

        return text.ToString();

        void AddUnless(int usual, string word, int value)
        {
            if (value != usual)
            {
                Add(word, value);
            }
        }
    }

    /// <exception cref="FormatException">It is no point.</exception>
    public static CrashPoint Read(string text)
    {
        var point = default(CrashPoint);
        var plan = CrashPlan.Everything;
        var hasMoment = false;
        CrashKind? kind = null;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                var parts = word.Split(':');
                switch (parts[0])
                {
                    case SeedWord:
                        point = CrashPoint.FromSeed(Number(parts[1]));
                        hasMoment = true;
                        break;
                    case ProgramWord:
                        point = point with { Program = Number(parts[1]) };
                        break;
                    case FaultWord:
                        point = point with { Fault = new Fault(Count(parts[1]), Kind(parts[2]), Number(parts[3])) };
                        break;
                    case MomentWord:
                        point = point with { Moment = Count(parts[1]) };
                        hasMoment = true;
                        break;
                    case KillWord:
                        kind = CrashKind.Kill;
                        break;
                    case EndWord:
                        kind = CrashKind.None;
                        break;
                    case PowerWord:
                        kind = CrashKind.PowerCut;
                        break;
                    case KeepWord:
                        plan = plan with { Keep = ReadSelection(parts) };
                        break;
                    case TornWord:
                        plan = plan with { TearSector = Count(parts[1]), TearWords = Count(parts[2]) };
                        break;
                    case FillWord:
                        plan = plan with { Fill = Enum.Parse<CrashFill>(parts[1]), FillSector = Count(parts[2]) };
                        break;
                    case LengthWord:
                        plan = plan with { Length = Count(parts[1]) };
                        break;
                    case NamesWord:
                        plan = plan with { Directory = Count(parts[1]) };
                        break;
                    case LockWord:
                        plan = plan with { Lock = Count(parts[1]) };
                        break;
                    case DiceWord:
                        plan = plan with { Seed = Number(parts[1]) };
                        break;
                    default:
                        throw new FormatException("There is no such word.");
                }
            }
            catch (Exception e) when (e is FormatException or OverflowException or IndexOutOfRangeException
                or ArgumentException)
            {
                throw new FormatException(
                    $"'{word}' is no part of a crash point. Paste the whole line that the failing test has printed, "
                    + $"such as 'at:31 power keep:prefix:8'.",
                    e);
            }
        }

        if (!hasMoment || (kind is null && point.Seed is null))
        {
            throw new FormatException(
                $"'{text}' is no crash point: it lacks the moment (at:31), or what happens (kill or power).");
        }

        return point.Seed is not null ? point
            : kind == CrashKind.PowerCut ? point with { Kind = CrashKind.PowerCut, Plan = plan }
            : point with { Kind = kind!.Value };
    }

    private static void AddSelection(SectorSelection keep, Writer add)
    {
        if (keep == SectorSelection.All || keep == SectorSelection.None)
        {
            add(KeepWord, keep == SectorSelection.All ? All : None);
            return;
        }

        var kind = keep.Kind.ToString().ToLowerInvariant();
        if (keep.Kind is SelectionKind.AllBut or SelectionKind.Only && keep.B != ulong.MaxValue)
        {
            add(KeepWord, kind, keep.A, keep.B);
            return;
        }

        add(KeepWord, kind, keep.A);
    }

    private static SectorSelection ReadSelection(string[] parts) => parts[1] switch
    {
        All => SectorSelection.All,
        None => SectorSelection.None,
        var kind => new SectorSelection(
            Enum.Parse<SelectionKind>(kind, ignoreCase: true),
            Number(parts[2]),
            parts.Length > 3 ? Number(parts[3])
                : kind is "allbut" or "only" ? ulong.MaxValue
                : 0),
    };

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    private static int Count(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static FaultKind Kind(string text) => Enum.Parse<FaultKind>(text);

    private delegate void Writer(string word, params ReadOnlySpan<object> values);
}
