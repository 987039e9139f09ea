using System.Diagnostics.Metrics;
using Engine;
using Engine.Extensions.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a <see cref="Database"/>, one for the whole application.</summary>
/// <remarks>
/// <para>
/// The database is opened before any other service of the host starts, or before that if somebody asks for it while the
/// application is being built. If it cannot be opened, the host does not start: the exception says why. Options that
/// are wrong are an <see cref="OptionsValidationException"/>.
/// </para>
/// <para>
/// It is closed, and deferred commits made durable, after every service of the host has stopped. A web server stops
/// when its requests have ended, or when <c>HostOptions.ShutdownTimeout</c> is over. A request that is still at work
/// then finds the database closed: its next use of a transaction throws <see cref="ObjectDisposedException"/>, and what
/// it has not committed is undone. A commit that has begun is waited for. Disposing a service that was injected comes
/// after all of this: write what is left in <see cref="IHostedService.StopAsync"/>.
/// </para>
/// <para>Without a host, the database is opened when it is asked for and closed with the service provider.</para>
/// </remarks>
public static class EngineServiceCollectionExtensions
{
    /// <summary>Registers the database that lies in a file, which is created if there is none.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="path">The file; see <see cref="EngineOptions.Path"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered already.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddEngine("orders.db");
    /// app.MapGet("/count", (Database db) => db.Read(read => read.Main.Count));
    /// </code>
    /// </example>
    public static IServiceCollection AddEngine(this IServiceCollection services, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddEngine(options => options.Path = path);
    }

    /// <summary>Registers a database by options that are set in code.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets them; called once, when the host starts.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered already.</exception>
    public static IServiceCollection AddEngine(this IServiceCollection services, Action<EngineOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, Options.Options.DefaultName).Configure(configure);
        services.AddSingleton(static provider => Open(provider, Options.Options.DefaultName));
        return services;
    }

    /// <summary>
    /// Registers a database by a section of the configuration. A name in it that no option has is an error when the
    /// host starts, so that a slip of the pen is not a default.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">The section, whose names are those of <see cref="EngineOptions"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered already.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddEngine(builder.Configuration.GetSection("Engine"));
    /// </code>
    /// </example>
    public static IServiceCollection AddEngine(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddEngine(options => Bind(section, options));
    }

    /// <summary>
    /// As <see cref="AddEngine(IServiceCollection, string)"/>, for one of several databases: it is injected as
    /// <c>[FromKeyedServices("orders")] Database db</c>.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="serviceKey">The key; it is the name of the <see cref="EngineOptions"/>, too.</param>
    /// <param name="path">The file; see <see cref="EngineOptions.Path"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered with this key already.</exception>
    public static IServiceCollection AddKeyedEngine(this IServiceCollection services, string serviceKey, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddKeyedEngine(serviceKey, options => options.Path = path);
    }

    /// <summary>
    /// As <see cref="AddEngine(IServiceCollection, Action{EngineOptions})"/>, for one of several databases.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="serviceKey">The key; it is the name of the <see cref="EngineOptions"/>, too.</param>
    /// <param name="configure">Sets the options; called once, when the host starts.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered with this key already.</exception>
    public static IServiceCollection AddKeyedEngine(
        this IServiceCollection services, string serviceKey, Action<EngineOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, serviceKey).Configure(configure);
        services.AddKeyedSingleton(serviceKey, static (provider, key) => Open(provider, (string)key!));
        return services;
    }

    /// <summary>
    /// As <see cref="AddEngine(IServiceCollection, IConfiguration)"/>, for one of several databases.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="serviceKey">The key; it is the name of the <see cref="EngineOptions"/>, too.</param>
    /// <param name="section">The section, whose names are those of <see cref="EngineOptions"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="InvalidOperationException">A database was registered with this key already.</exception>
    public static IServiceCollection AddKeyedEngine(
        this IServiceCollection services, string serviceKey, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddKeyedEngine(serviceKey, options => Bind(section, options));
    }

    private static OptionsBuilder<EngineOptions> Add(IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(HostedDatabase) && Equals(service.ServiceKey, name)))
        {
            throw new InvalidOperationException(
                name is ""
                    ? "AddEngine was called twice. A second database has a key: AddKeyedEngine. More options for the "
                    + "first one: Configure<EngineOptions>."
                    : $"AddKeyedEngine was called twice with the key '{name}'. Give each database a key of its own. "
                    + $"More options for the first one: Configure<EngineOptions>(\"{name}\", ...).");
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<EngineOptions>, EngineOptionsValidator>());
        services.AddKeyedSingleton(
            name,
            static (provider, key) => new HostedDatabase(
                (string)key!,
                provider.GetRequiredService<IOptionsMonitor<EngineOptions>>(),
                provider.GetService<ILogger<Database>>() ?? NullLogger<Database>.Instance,
                provider.GetService<TimeProvider>() ?? TimeProvider.System,
                provider.GetService<IMeterFactory>(),
                provider.GetService<IHostEnvironment>()));
        services.AddSingleton<IHostedService>(
            provider => new HostedDatabaseLifetime(provider.GetRequiredKeyedService<HostedDatabase>(name)));
        return services.AddOptions<EngineOptions>(name).ValidateOnStart();
    }

    private static Database Open(IServiceProvider provider, string name) =>
        provider.GetRequiredKeyedService<HostedDatabase>(name).Open();

    private static void Bind(IConfiguration section, EngineOptions options) =>
        section.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
}
