using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// A plain run tries a test with the first values of a parameter only; with the others it is a
/// <see cref="Categories.Campaign"/>.
/// </summary>
/// <param name="parameter">
/// The name of the parameter. All parameters get their values from their own attributes.
/// </param>
/// <param name="values">With how many of its values a plain run tries the test.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledAttribute(string parameter, int values) : CombinatorialAttribute, ITestBuilder
{
    public new IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        var index = Array.FindIndex(method.GetParameters(), candidate => candidate.ParameterInfo.Name == parameter);
        var tried = new HashSet<object?>();
        foreach (var test in base.BuildFrom(method, suite))
        {
            if (!tried.Contains(test.Arguments[index]) && (tried.Count == values || !tried.Add(test.Arguments[index])))
            {
                test.Properties.Add(PropertyNames.Category, Categories.Campaign);
            }

            yield return test;
        }
    }
}
