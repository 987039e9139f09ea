using Microsoft.Extensions.Options;

namespace Engine.Extensions.Caching;

/// <summary>Refuses options when they are asked for, with all that is wrong with them.</summary>
internal sealed class EngineCacheOptionsValidator : IValidateOptions<EngineCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineCacheOptions options)
    {
        string[] problems = [.. options.FindProblems()];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
