// The same workloads on the BEAM, where `erlc` and `erl` are installed (Debian: apt-get install erlang-base).
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "bench.erl");
let compiled;

function compile() {
  const folder = mkdtempSync(join(tmpdir(), "banyan-bench-beam-"));
  const { status } = spawnSync("erlc", ["-o", folder, source], { stdio: "ignore" });
  return status === 0 ? folder : "";
}

/** The medians of a workload's figures, or undefined where there is no Erlang. */
export function beam(key, rounds) {
  compiled ??= compile();
  if (compiled === "") return undefined;
  const workload = key === "a′" ? "a'" : key;
  const args = ["-noshell", "-pa", compiled, "-run", "bench", "main", workload, String(rounds)];
  const { status, stdout } = spawnSync("erl", args, { encoding: "utf8", timeout: 120_000 });
  if (status !== 0) return undefined;
  return stdout.trim().split(/\s+/).map(Number);
}
