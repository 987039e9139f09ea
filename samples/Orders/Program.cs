using Orders;

// "load" and what follows it is a command of its own; everything else is for the configuration of the service.
if (args is ["load", .. var options])
{
    return await LoadCommand.Create().Parse(options).InvokeAsync();
}

await OrderService.Build(args).RunAsync();
return 0;
