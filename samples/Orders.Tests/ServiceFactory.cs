using Engine.Extensions.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Orders.Tests;

/// <summary>The service in this process, without a port, with a database in memory.</summary>
internal sealed class ServiceFactory : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder
        .UseEnvironment("Production")
        .ConfigureServices(static services =>
            services.Configure<EngineOptions>(static options => options.InMemory = true));
}
