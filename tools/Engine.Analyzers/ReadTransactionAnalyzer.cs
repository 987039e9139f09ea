using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.Analyzers;

/// <summary>
/// A read transaction is begun and ended by one <c>using</c>. Only then does the compiler keep what came from it from
/// being used after its end: a span lives, to the compiler, as long as the variable of the transaction, and not until
/// somebody calls <c>Dispose</c>.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReadTransactionAnalyzer : DiagnosticAnalyzer
{
    private const string ReadTransaction = "Engine.ReadTransaction";

    /// <summary>A read transaction is ended by something else than the <c>using</c> that began it.</summary>
    public static readonly DiagnosticDescriptor EndedByHand = new(
        "ENGINE001",
        "A read transaction is ended by the using that began it, and by nothing else",
        "A read transaction is ended here by {0}: spans of it can still be used afterwards, when their pages are "
            + "overwritten or not mapped any more, which shows other bytes or ends the process. "
            + "Begin it with 'using', and end it by the end of that scope.",
        "Engine.Safety",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    /// <summary>A read transaction is begun outside of a <c>using</c>.</summary>
    public static readonly DiagnosticDescriptor BegunWithoutUsing = new(
        "ENGINE002",
        "A read transaction is begun in a using",
        "A read transaction is begun outside of a 'using': nothing ends it, or something that the compiler does not "
            + "keep its spans from outliving. While it is open, the pages of its snapshot are not used again. "
            + "Write 'using var read = …', or 'using (var read = …) { }'.",
        "Engine.Safety",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(EndedByHand, BegunWithoutUsing);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(ReadTransaction) is { } type)
            {
                start.RegisterOperationAction(operation => CheckCall(operation, type), OperationKind.Invocation);
                start.RegisterOperationAction(operation => CheckUsing(operation, type), OperationKind.Using);
                start.RegisterOperationAction(
                    operation => CheckDeclaration(operation, type), OperationKind.UsingDeclaration);
            }
        });
    }

    private static void CheckCall(OperationAnalysisContext context, INamedTypeSymbol type)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name == nameof(System.IDisposable.Dispose) && Is(call.Instance?.Type, type))
        {
            Report(context, EndedByHand, call, "a call of Dispose");
        }

        if (Is(call.Type, type) && !IsKept(call))
        {
            Report(context, BegunWithoutUsing, call);
        }
    }

    /// <summary>A <c>using</c> with a block.</summary>
    private static void CheckUsing(OperationAnalysisContext context, INamedTypeSymbol type)
    {
        var resources = ((IUsingOperation)context.Operation).Resources;
        if (resources is IVariableDeclarationGroupOperation group)
        {
            CheckVariables(context, group, type);
        }
        else if (Is(resources.Type, type) && !IsNew(resources))
        {
            Report(context, EndedByHand, resources, "a 'using' of a transaction that was there before");
        }
    }

    /// <summary>A <c>using</c> without a block.</summary>
    private static void CheckDeclaration(OperationAnalysisContext context, INamedTypeSymbol type) =>
        CheckVariables(context, ((IUsingDeclarationOperation)context.Operation).DeclarationGroup, type);

    private static void CheckVariables(
        OperationAnalysisContext context, IVariableDeclarationGroupOperation group, INamedTypeSymbol type)
    {
        foreach (var declaration in group.Declarations)
        {
            foreach (var variable in declaration.Declarators)
            {
                if (Is(variable.Symbol.Type, type) && variable.Initializer?.Value is { } value && !IsNew(value))
                {
                    Report(context, EndedByHand, value, "a 'using' of a copy of it");
                }
            }
        }
    }

    /// <summary>Whether an expression makes a transaction, rather than naming one that is somewhere already.</summary>
    private static bool IsNew(IOperation value) => value switch
    {
        IConversionOperation conversion => IsNew(conversion.Operand),
        IConditionalOperation { WhenFalse: { } otherwise } condition => IsNew(condition.WhenTrue) && IsNew(otherwise),
        ISwitchExpressionOperation choice => choice.Arms.All(static arm => IsNew(arm.Value)),
        IInvocationOperation or IObjectCreationOperation or IDefaultValueOperation or IThrowOperation => true,
        _ => false,
    };

    /// <summary>
    /// Whether what was begun is in a <c>using</c>, or handed to the caller, who is looked at in turn.
    /// </summary>
    private static bool IsKept(IOperation value) => value.Parent switch
    {
        IConversionOperation or IConditionalOperation => IsKept(value.Parent),
        ISwitchExpressionOperation or ISwitchExpressionArmOperation => IsKept(value.Parent),
        IReturnOperation or IUsingOperation => true,

        // From the initializer by way of the variable and its declaration to the group of declarations.
        IVariableInitializerOperation initializer =>
            initializer.Parent?.Parent?.Parent?.Parent is IUsingOperation or IUsingDeclarationOperation,
        _ => false,
    };

    private static bool Is(ITypeSymbol? one, INamedTypeSymbol type) => SymbolEqualityComparer.Default.Equals(one, type);

    private static void Report(
        OperationAnalysisContext context, DiagnosticDescriptor rule, IOperation where, params object[] arguments) =>
        context.ReportDiagnostic(Diagnostic.Create(rule, where.Syntax.GetLocation(), arguments));
}
