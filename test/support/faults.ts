// Faults injected into a running tree: the next real message a process handles throws, as a programming error would.
import { currentRuntime, type Report } from "../../src/supervision/index.js";

export class InjectedFault extends Error {}

/** The process with this name throws at the next message it handles. Resolves when its supervisor has noticed. */
export function crashAtNextMessage(name: string): Promise<Report> {
  const runtime = currentRuntime();
  runtime.beforeHandling = (process) => {
    if (process.name !== name) return;
    runtime.beforeHandling = undefined;
    throw new InjectedFault(`injected into ${name}`);
  };
  return new Promise((resolve) => {
    const noticed = (report: Report): void => {
      const child = report.child as { name?: string } | undefined; // supervisor reports carry it
      if (report.context !== "child_terminated" || child?.name !== name) return;
      runtime.reports.off("supervisor", noticed);
      resolve(report);
    };
    runtime.reports.on("supervisor", noticed);
  });
}
