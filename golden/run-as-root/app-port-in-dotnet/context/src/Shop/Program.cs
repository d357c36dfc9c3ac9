var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://*:80");
builder.Build().Run();
