// What this process is granted, as the one who started it wrote it into the environment. It is read once and removed, so that no
// code that runs later learns or changes it. Whatever is not plainly granted there is not granted.
export const VARIABLE = "BANYAN_SANDBOX";

export interface OwnGrants {
  /** True: every public host; false: none; else patterns (see net-grants.ts). */
  readonly net: boolean | readonly string[];
  readonly run: boolean;
  readonly workers: boolean;
  readonly addons: boolean;
}

export function takeGrants(): OwnGrants {
  const text = process.env[VARIABLE];
  delete process.env[VARIABLE];
  delete process.env.NODE_OPTIONS;
  const said: unknown = text === undefined ? {} : JSON.parse(text);
  const { net, run, workers, addons } = Object(said);
  return {
    net: Array.isArray(net) ? net.map(String) : net === true,
    run: run === true,
    workers: workers === true,
    addons: addons === true,
  };
}
