# Build, format check and all tests, for those who prefer PowerShell. (.ci/run goes on: other instruction sets, a native build.)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location $PSScriptRoot

dotnet restore Engine.sln
dotnet build Engine.sln -c Release --no-restore
dotnet format Engine.sln --verify-no-changes --no-restore
dotnet test Engine.Tests/Engine.Tests.csproj -c Release --no-build -p:Tests=All
dotnet test Engine.PropertyTests/Engine.PropertyTests.csproj -c Release --no-build -p:Tests=All
dotnet test extensions/Engine.Testing.Tests/Engine.Testing.Tests.csproj -c Release --no-build -p:Tests=All
