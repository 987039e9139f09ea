using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>Looks at one crash image.</summary>
/// <param name="image">Valid during the call.</param>
/// <param name="durable">The oldest state that it may hold; −1: it need not hold a database.</param>
/// <param name="attempted">The newest.</param>
/// <param name="shown">What was seen before.</param>
internal delegate void ImageVisitor(ImageView image, int durable, int attempted, ShownStates shown);
