// The two ways an alert leaves the program: a command that reads JSON from its stdin, and a POST of the same JSON. Neither goes
// through a shell, both end within a time, and of what comes back no more is read than an error message needs.
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { platform } from "../platform/index.js";
import type { Alert } from "./alerts.js";
import { oneLine } from "./probe.js";

export interface AlertMessage {
  readonly app: "banyan";
  readonly pid: number;
  /** ISO 8601. */
  readonly at: string;
  /** All of it in one line. */
  readonly summary: string;
  readonly alerts: readonly Alert[];
  /** Alerts that are not among these: a newer one of the same part took their place, or there were too many. */
  readonly heldBack: number;
}

export interface DeliverOptions {
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** The alert could not be told; the message says why and what to mend. */
export class AlertError extends BanyanError {}

const RETRY_MS = 1_000;
const OUTPUT_KEPT = 1_000;
/** Variables that are nobody's business but ours. */
const SECRET = /key|token|secret|passw|credential/i;

export function summaryOf(alerts: readonly Alert[], heldBack: number): string {
  const [first] = alerts;
  if (first === undefined) return "";
  const more = alerts.length - 1 + heldBack;
  return oneLine(`${first.component}: ${first.details}${more > 0 ? `, and ${more} more` : ""}`);
}

/** Runs the program with the message on its stdin and waits for its end. Rejects with an {@link AlertError}. */
export function runCommand(
  [program = "", ...args]: readonly string[],
  message: AlertMessage,
  { timeoutMs, signal }: DeliverOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new AlertError("alert_command_failed", `${program} ${why}; see health.alert_command in the settings`));
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SECRET.test(name)));
    const filled = args.map((arg) => arg.replaceAll("{summary}", () => message.summary));
    // A group of its own, so that what it starts ends with it.
    const child = spawn(program, filled, {
      env,
      stdio: ["pipe", "ignore", "pipe"],
      detached: platform.hasGroups,
      windowsHide: true,
    });
    let output = "";
    let late = false;
    const kill = (): void => {
      try {
        if (child.pid === undefined || !platform.hasGroups) child.kill("SIGKILL");
        else process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    };
    signal.addEventListener("abort", kill, { once: true });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      output = (output + part).slice(0, OUTPUT_KEPT);
    });
    child.stdin.on("error", () => {}); // it need not read what it is told
    child.on("error", (error) => {
      over();
      fail(`cannot be started: ${messageOf(error)}`);
    });
    // Not "close": whoever inherited its pipes may hold them for ever.
    child.on("exit", (code, by) => {
      over();
      if (late) fail(`took longer than ${timeoutMs / 1000} s`);
      else if (code === 0) resolve();
      else fail(`ended with ${by ?? `exit code ${code}`}${output.trim() === "" ? "" : `: ${oneLine(output)}`}`);
      child.stderr.destroy();
    });
    child.stdin.end(`${JSON.stringify(message)}\n`);
  });
}

/** Posts the message, and once more after a pause where that may help. Rejects with an {@link AlertError}; the address, which may
 * be a secret, is not in it. */
export async function postAlert(address: string, message: AlertMessage, options: DeliverOptions): Promise<void> {
  const problem = await post(address, message, options);
  if (problem === undefined) return;
  if (problem.final) throw webhookError(problem.why);
  await sleep(RETRY_MS, undefined, { signal: options.signal });
  const again = await post(address, message, options);
  if (again !== undefined) throw webhookError(again.why);
}

async function post(
  address: string,
  message: AlertMessage,
  { timeoutMs, signal }: DeliverOptions,
): Promise<{ readonly why: string; readonly final: boolean } | undefined> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    return { why: `answered ${response.status}`, final: response.status < 500 && response.status !== 429 };
  } catch (error) {
    const why = error instanceof Error && error.name === "TimeoutError" ? "did not answer in time" : "was not reached";
    return { why, final: false };
  }
}

function webhookError(why: string): AlertError {
  return new AlertError("alert_webhook_failed", `the webhook ${why}; see health.alert_webhook in the settings`);
}
