// V8 forgets how the objects of a class look when a full collection finds none of them alive, and throws away all code compiled
// for that look. A message or a crash seldom lives through one, so that after each the framework's hottest paths would run
// slowly and be compiled again. One of each, kept for good and filled as they are in use, prevents that.

const kept: object[] = [];

/** Keeps this object, and with it what V8 knows of its class. */
export function keepShape(specimen: object): void {
  kept.push(specimen);
}
