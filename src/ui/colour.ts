// One colour for terminals that know 16 million of them, and the nearest for those that know 256.

/** 0: no colour, 1: the terminal's own 16, 2: 256 colours, 3: 16 million. */
export type ColourLevel = 0 | 1 | 2 | 3;

/** The steps of red, green and blue in the cube of the 256. */
const STEPS = [0, 95, 135, 175, 215, 255];

export function channels(colour: string): [red: number, green: number, blue: number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** What stands between `ESC[` and `m`: the shorter code where it is the same colour. */
export function colourCode(colour: string, level: 2 | 3): string {
  const { index, exact } = nearest(colour);
  return level === 2 || exact ? `38;5;${index}` : `38;2;${channels(colour).join(";")}`;
}

/** Of the cube and the 24 greys; the first 16 of the 256 are anyone's choice. */
function nearest(colour: string): { readonly index: number; readonly exact: boolean } {
  const wanted = channels(colour);
  const distance = (found: readonly number[]): number =>
    found.reduce((sum, value, channel) => sum + (value - (wanted[channel] ?? 0)) ** 2, 0);
  const steps = wanted.map((value) => nearestOf(STEPS, value));
  const greys = Array.from({ length: 24 }, (_, step) => 8 + 10 * step);
  const mean = Math.round(wanted.reduce((sum, value) => sum + value, 0) / 3);
  const grey = nearestOf(greys, mean);
  const ofCube = distance(steps.map((step) => STEPS[step] ?? 0));
  const ofGreys = distance(wanted.map(() => greys[grey] ?? 0));
  const [red = 0, green = 0, blue = 0] = steps;
  const index = ofGreys < ofCube ? 232 + grey : 16 + 36 * red + 6 * green + blue;
  return { index, exact: Math.min(ofCube, ofGreys) === 0 };
}

function nearestOf(values: readonly number[], wanted: number): number {
  let best = 0;
  for (const [index, value] of values.entries()) {
    if (Math.abs(value - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = index;
  }
  return best;
}
