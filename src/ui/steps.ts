// The keys that move in a list or a long text that fills the terminal.

/** Rows a page key goes. */
const PAGE = 10;

const STEPS: { readonly [key: string]: number | undefined } = {
  up: -1,
  down: 1,
  pageup: -PAGE,
  pagedown: PAGE,
  home: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
};

/** How many rows a key goes down, negative for up, without end for the first and the last; undefined for any other key. */
export function stepOf(key: string): number | undefined {
  return Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
}
