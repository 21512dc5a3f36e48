// What the doctor found: one sentence each, and, where something is not well, another that says how to mend it.

export type Level = "ok" | "warn" | "fail";

export interface Finding {
  readonly area: "runtime" | "terminal" | "storage" | "permissions" | "config" | "servers" | "models" | "network";
  readonly level: Level;
  readonly text: string;
  readonly mend?: string;
}

/** The findings of one area, made short. */
export function reporter(area: Finding["area"]) {
  return {
    ok: (text: string): Finding => ({ area, level: "ok", text }),
    warn: (text: string, mend: string): Finding => ({ area, level: "warn", text, mend }),
    fail: (text: string, mend: string): Finding => ({ area, level: "fail", text, mend }),
  };
}

/** A text that says what is wrong and, after its last semicolon, how to mend it, as Banyan's own errors do. */
export function failed(area: Finding["area"], sentence: string): Finding {
  const at = sentence.lastIndexOf("; ");
  if (at === -1) return { area, level: "fail", text: sentence };
  return { area, level: "fail", text: ended(sentence.slice(0, at)), mend: ended(sentence.slice(at + 2)) };
}

function ended(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? "" : "."}`;
}
