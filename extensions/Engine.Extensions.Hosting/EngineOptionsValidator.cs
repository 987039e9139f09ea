using Microsoft.Extensions.Options;

namespace Engine.Extensions.Hosting;

/// <summary>Says what is wrong with the options, and with those of which database.</summary>
internal sealed class EngineOptionsValidator : IValidateOptions<EngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        var database = string.IsNullOrEmpty(name) ? "The options of the database" : $"The options of database '{name}'";
        List<string> failures = [];
        if (!options.InMemory && string.IsNullOrWhiteSpace(options.Path))
        {
            failures.Add(
                $"{database} have no {nameof(EngineOptions.Path)}. Set it to the path of the file, or set "
                + $"{nameof(EngineOptions.InMemory)}.");
        }

        if (options.InMemory && (options.ReadOnly || options.WithoutLock))
        {
            failures.Add(
                $"{database} have {nameof(EngineOptions.InMemory)} and {nameof(EngineOptions.ReadOnly)} or "
                + $"{nameof(EngineOptions.WithoutLock)}: what is in memory is new, and nobody else has it open.");
        }

        try
        {
            options.ToDatabaseOptions(TimeProvider.System).Validate();
        }
        catch (ArgumentException e)
        {
            failures.Add($"{database}: {e.Message}");
        }

        failures.AddRange(options.Health.Problems().Select(problem => $"{database}: Health.{problem}"));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
