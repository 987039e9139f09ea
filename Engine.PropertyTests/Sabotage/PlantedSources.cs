using System.Globalization;
using System.Text;

namespace Engine.PropertyTests.Sabotage;

/// <summary>Puts planted bugs into a copy of the engine's sources, each behind a switch.</summary>
internal static class PlantedSources
{
    /// <summary>What the changed sources ask which plant is on. Number 0 is none.</summary>
    private const string Switch = """
        #nullable disable
        namespace Engine;

        /// <summary>Which planted bug is on.</summary>
        internal static class Sabotage
        {
            public static int Active;

            /// <summary>Makes sizes small that decide when rare things happen.</summary>
            public static bool RarePaths;

            /// <summary>Whether the platform has no way to drop the cache of a file.</summary>
            public static bool KeepsCache;

            /// <summary>Gets the name of every system call.</summary>
            public static List<string> Calls = null;

            /// <summary>The system call that fails with an input/output error.</summary>
            public static string Failing = null;

            public static bool Is(int number) => Active == number;

            public static bool IsToFail(string call)
            {
                Calls?.Add(call);
                System.Runtime.InteropServices.Marshal.SetLastPInvokeError(5);
                return call == Failing;
            }
        }
        """;

    /// <summary>The engine's sources with plants 1 to n in them, and what they need besides.</summary>
    /// <param name="sources">The sources by path, relative to the engine's folder.</param>
    /// <param name="common">Changes that are made in any case.</param>
    /// <param name="plants">The plants, in the order of their numbers.</param>
    /// <exception cref="StalePlantException">A plant does not fit the sources.</exception>
    public static Dictionary<string, string> Make(
        IReadOnlyDictionary<string, string> sources, IReadOnlyList<Edit> common, IReadOnlyList<Plant> plants)
    {
        var numbered = common.Select(static edit => (Number: 0, Owner: "the common changes", Edit: edit))
            .Concat(
                plants.SelectMany(
                    static (plant, index) =>
                        plant.Edits.Select(edit => (Number: index + 1, Owner: plant.Name, Edit: edit))));
        var result = sources.ToDictionary(static source => source.Key, static source => Lines(source.Value));
        var problems = new List<string>();
        foreach (var file in numbered.GroupBy(static item => item.Edit.File))
        {
            if (!result.TryGetValue(file.Key, out var text))
            {
                problems.Add($"{file.First().Owner}: there is no file {file.Key}.");
                continue;
            }

            var places = file
                .Select(item => (At: Find(text, item.Edit, item.Owner, problems), item.Number, item.Owner, item.Edit))
                .Where(static item => item.At >= 0)
                .GroupBy(static item => (item.At, Length: Lines(item.Edit.Old).Length))
                .OrderByDescending(static place => place.Key.At)
                .ToList();
            for (var i = 1; i < places.Count; i++)
            {
                if (places[i].Key.At + places[i].Key.Length > places[i - 1].Key.At)
                {
                    problems.Add(
                        $"{places[i].First().Owner} and {places[i - 1].First().Owner} change overlapping texts of "
                        + $"{file.Key}.");
                }
            }

            foreach (var place in places)
            {
                var old = text.Substring(place.Key.At, place.Key.Length);
                var exchanged = Exchange(old, [.. place.Select(static item => (item.Number, item.Owner, item.Edit))]);
                text = text[..place.Key.At] + exchanged + text[(place.Key.At + old.Length)..];
            }

            result[file.Key] = text;
        }

        result.Add("Sabotage.cs", Switch);
        return problems.Count == 0 ? result : throw new StalePlantException(string.Join('\n', problems));
    }

    private static int Find(string text, Edit edit, string owner, List<string> problems)
    {
        var old = Lines(edit.Old);
        if (edit.After is null)
        {
            return FindOnly(text, old, edit.File, owner, problems);
        }

        var after = Lines(edit.After);
        var from = FindOnly(text, after, edit.File, owner, problems);
        if (from < 0)
        {
            return -1;
        }

        var at = text.IndexOf(old, from + after.Length, StringComparison.Ordinal);
        if (at < 0)
        {
            problems.Add($"{owner}: {edit.File} does not have this text behind the place named: {old}");
        }

        return at;
    }

    private static int FindOnly(string text, string wanted, string file, string owner, List<string> problems)
    {
        var at = text.IndexOf(wanted, StringComparison.Ordinal);
        if (at >= 0 && text.IndexOf(wanted, at + 1, StringComparison.Ordinal) < 0)
        {
            return at;
        }

        problems.Add(
            $"{owner}: {file} {(at < 0 ? "does not have this text any more" : "has this text more than once")}: "
            + $"{wanted}");
        return -1;
    }

    private static string Exchange(string old, List<(int Number, string Owner, Edit Edit)> edits)
    {
        var kind = edits[0].Edit.Kind;
        if (edits.Exists(item => item.Edit.Kind != kind) || (edits.Count > 1 && kind == EditKind.Replacement))
        {
            throw new StalePlantException(
                $"{edits[0].Owner} and {edits[^1].Owner} change the same text in ways that do not go together.");
        }

        switch (kind)
        {
            case EditKind.Addition:
                return old + string.Concat(edits.Select(static item => "\n" + item.Edit.New));
            case EditKind.Replacement:
                return edits[0].Edit.New;
        }

        var text = new StringBuilder();
        foreach (var (number, _, edit) in edits)
        {
            text.Append(kind == EditKind.Statement
                ? string.Create(
                    CultureInfo.InvariantCulture, $"if (global::Engine.Sabotage.Is({number})) {{ {edit.New} }} else ")
                : string.Create(
                    CultureInfo.InvariantCulture, $"global::Engine.Sabotage.Is({number}) ? ({edit.New}) : "));
        }

        return kind == EditKind.Statement ? $"{text}{{ {old} }}" : $"({text}({old}))";
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\n");
}
