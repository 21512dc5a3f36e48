// Ink and React look at the environment once, while they are loaded. React chooses its slow build for developers unless NODE_ENV
// says production, which who runs a terminal app has not set; Ink draws no live part where CI is set, which some containers
// do. Setting these for good would reach every program started from here, so it is for the time of loading only: see end.ts.
const { NODE_ENV, CI, CONTINUOUS_INTEGRATION } = process.env;

/** What the environment said before. */
export const before: { readonly [name: string]: string | undefined } = { NODE_ENV, CI, CONTINUOUS_INTEGRATION };

process.env.NODE_ENV ??= "production";
delete process.env.CI;
delete process.env.CONTINUOUS_INTEGRATION;
