// Figures as people read them: short, and as wide as they need to be.

/** `840 ms`, `3.2 s`, `41 s`, `2 m 05 s`, `1 h 12 m`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toString()} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${`${Math.floor(seconds % 60)}`.padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${`${minutes % 60}`.padStart(2, "0")} m`;
}

/** `7`, `0.4`, `950`, `1.2k`, `34k`, `5.6M`. */
export function quantity(value: number): string {
  const size = Math.abs(value);
  if (size < 10) return `${Math.round(value * 10) / 10}`;
  if (size < 1_000) return `${Math.round(value)}`;
  for (const [unit, name] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= unit)
      return `${size < unit * 10 ? Math.round((value / unit) * 10) / 10 : Math.round(value / unit)}${name}`;
  }
  return `${value}`;
}

/** `512 B`, `12 KB`, `3.4 MB`. */
export function bytes(value: number): string {
  if (value < 1_024) return `${Math.round(value)} B`;
  const [size, unit] = value < 1_048_576 ? [value / 1_024, "KB"] : [value / 1_048_576, "MB"];
  return `${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} ${unit}`;
}

/** `<$0.01`, `$0.04`, `$12.30`. */
export function dollars(value: number): string {
  return value < 0.005 ? "<$0.01" : `$${value.toFixed(2)}`;
}
