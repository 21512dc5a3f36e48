// What a server inherits of our environment: what a program needs to find itself a home, a path and a language, and no key,
// token or setting of ours. Anything else must be named in the server's own `env`.

const POSIX = ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "LOGNAME", "SHELL", "TZ"];
const WINDOWS = [
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "PATH",
  "PATHEXT",
  "PROCESSOR_ARCHITECTURE",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
];

/** The complete environment of a server: the inherited few, then `configured` over them. */
export function childEnvironment(
  configured: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const inherited = new Set(platform === "win32" ? WINDOWS : POSIX);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) {
    const key = platform === "win32" ? name.toUpperCase() : name;
    // Old shells export functions as values that begin with "()": code, not data.
    if (value === undefined || value.startsWith("()")) continue;
    if (inherited.has(key) || key.startsWith("LC_")) environment[name] = value;
  }
  return { ...environment, ...configured };
}
