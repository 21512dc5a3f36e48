// What supervisors tell, as text. (otp: supervisor_SUITE, format_log_2)
import { describe, expect, it } from "vitest";
import {
  DynamicSupervisor,
  formatReport,
  named,
  type Report,
  type Supervisor,
  startChild,
} from "../../../src/supervision/index.js";
import {
  end,
  ok,
  pidOf,
  shutDown,
  supervise,
  supervisorReports,
  unnamed,
  worker,
} from "../../support/scripted-worker.js";
import { withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

/** The reports of a crash and of the restart after it. */
async function crashAndProgress(): Promise<{ error: Report; progress: Report; pids: [string, string] }> {
  const supervisor = await supervise([worker("child")], { name: named<Supervisor>("my_sup") });
  const reports = supervisorReports();
  time.runtime.reports.on("progress", (report) => void reports.push(report));
  const before = pidOf("child").id;
  await end(pidOf("child"), { error: { deep: { deeper: { deepest: [1, 2, 3, 4, 5] } } } }, supervisor);
  const [error, progress] = reports;
  if (error === undefined || progress === undefined) throw new Error("both were reported");
  return { error, progress, pids: [before, pidOf("child").id] };
}

describe("formatReport", () => {
  it("A66 format_log_2: several lines with the supervisor, the context, the reason and the child, its fields in order", async () => {
    const { error, progress, pids } = await crashAndProgress();
    const fields =
      "id: child, name: child, behaviour: Worker, restart: permanent, significant: false, shutdown: 1000, type: worker";
    expect(formatReport(error).split("\n")).toEqual([
      "    supervisor: my_sup",
      "    errorContext: child_terminated",
      "    reason: { error: { deep: { deeper: { deepest: [1, 2, 3, 4, 5] } } } }",
      `    offender: pid: ${pids[0]}, ${fields}`,
    ]);
    expect(formatReport(progress).split("\n")).toEqual([
      "    supervisor: my_sup",
      `    started: pid: ${pids[1]}, ${fields}`,
    ]);
  });

  it("A67 format_log_2: one line, limited in depth and in length; children that ended alike are counted", async () => {
    const { error, progress, pids } = await crashAndProgress();
    const singleLine = true;
    expect(formatReport(error, { singleLine, depth: 4 })).toBe(
      `Supervisor: my_sup. Context: child_terminated. Reason: { error: { deep: { deeper: { deepest: ... } } } }. Offender: id=child,pid=${pids[0]}.`,
    );
    expect(formatReport(error, { depth: 2 })).toContain("reason: { error: { deep: ... } }\n");
    expect(formatReport(progress, { singleLine })).toBe(`Supervisor: my_sup. Started: id=child,pid=${pids[1]}.`);
    const short = formatReport(error, { charsLimit: 40 });
    expect(short).toHaveLength(40);
    expect(short.endsWith("...")).toBe(true);

    const dynamic = await DynamicSupervisor.start();
    for (let i = 0; i < 3; i++) {
      ok(await startChild(dynamic, unnamed({ answers: { error: new Error("in\n  the way") } }, { id: "many" })));
    }
    const reports = supervisorReports();
    await shutDown(dynamic);
    expect(reports.map((report) => formatReport(report, { singleLine }))).toEqual([
      `Supervisor: ${dynamic.id}. Context: shutdown_error. Reason: { error: Error: in the way }. Offender: id=many,nbChildren=3.`,
    ]);
  });

  it("cuts a value that contains itself, and says what message was not expected", () => {
    const round: Record<string, unknown> = { name: "round" };
    round.self = round;
    const report: Report = { kind: "supervisor", at: 0, id: "<1>", context: "unexpected_message", message: round };
    expect(formatReport(report, { singleLine: true })).toBe(
      'Supervisor: <1>. Context: unexpected_message. Message: { name: "round", self: ... }.',
    );
  });
});
