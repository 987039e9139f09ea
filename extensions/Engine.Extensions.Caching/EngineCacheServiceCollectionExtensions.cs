using System.Diagnostics.Metrics;
using Engine.Extensions.Caching;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes an <see cref="EngineCache"/> the <see cref="IDistributedCache"/> of an application.</summary>
public static class EngineCacheServiceCollectionExtensions
{
    /// <summary>
    /// Adds a cache in a file of its own. It is opened when it is asked for the first time, and closed with the
    /// services.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The file; it is created if there is none. Its directory must exist.</param>
    /// <returns>The services.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddEngineCache("cache.db");
    /// builder.Services.AddHybridCache();
    /// </code>
    /// </example>
    public static IServiceCollection AddEngineCache(this IServiceCollection services, string path) =>
        services.AddEngineCache(options => options.Path = path);

    /// <summary>
    /// Adds a cache: an <see cref="EngineCache"/>, and the <see cref="IDistributedCache"/> that <c>HybridCache</c>,
    /// sessions and others use, in the place of one that was added before. The options are validated when the cache is
    /// asked for the first time, and when the host starts.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see cref="EngineCacheOptions.Path"/> at the least.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddEngineCache(
        this IServiceCollection services, Action<EngineCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddEngineCache((options, _) => configure(options));
    }

    /// <summary>
    /// As <see cref="AddEngineCache(IServiceCollection, Action{EngineCacheOptions})"/>, for options that other services
    /// have a part in: a <see cref="Engine.Database"/> that the application has open, say.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options, with the services at hand.</param>
    /// <returns>The services.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddEngineCache(
    ///     (options, services) => options.Database = services.GetRequiredService&lt;Database&gt;());
    /// </code>
    /// </example>
    public static IServiceCollection AddEngineCache(
        this IServiceCollection services, Action<EngineCacheOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<EngineCacheOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<EngineCacheOptions>, EngineCacheOptionsValidator>());
        services.TryAddSingleton(static services => new EngineCache(
            services.GetRequiredService<IOptions<EngineCacheOptions>>().Value,
            services.GetService<ILogger<EngineCache>>(),
            services.GetService<IMeterFactory>(),
            services.GetService<TimeProvider>()));
        services.Replace(ServiceDescriptor.Singleton<IDistributedCache>(
            static services => services.GetRequiredService<EngineCache>()));
        return services;
    }
}
