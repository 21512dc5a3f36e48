import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Store } from "../../src/actors/store/store.js";
import { type ApprovalPolicy, Approvals } from "../../src/chat/approvals.js";
import { type Pid, stopProcess } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

async function openStore(): Promise<Pid<Store>> {
  const store = await Store.start({ file: join(temporaryHome(), "banyan.db") });
  onTestFinished(() => stopProcess(store));
  return store;
}

const nothing: ApprovalPolicy = { allow: [], allowReadOnly: false };

it("allows nothing that nobody allowed", async () => {
  const approvals = new Approvals(nothing, await openStore(), "/p");
  await approvals.load();
  expect(approvals.allows("host.read_file", true)).toBe(false);
});

it("reads * as any part of a name and everything else as it is written", async () => {
  const approvals = new Approvals({ ...nothing, allow: ["host.read_*", "a.b"] }, await openStore(), "/p");
  expect(approvals.allows("host.read_file", false)).toBe(true);
  expect(approvals.allows("host.write_file", false)).toBe(false);
  expect(approvals.allows("xhost.read_file", false)).toBe(false);
  expect(approvals.allows("axb", false)).toBe(false);
  expect(new Approvals({ ...nothing, allow: ["*"] }, await openStore(), "/p").allows("any.thing", false)).toBe(true);
});

it("lets read-only tools run when the settings say so", async () => {
  const approvals = new Approvals({ ...nothing, allowReadOnly: true }, await openStore(), "/p");
  expect([approvals.allows("a.b", true), approvals.allows("a.b", false)]).toEqual([true, false]);
});

it("remembers an always for this folder alone", async () => {
  const store = await openStore();
  await new Approvals(nothing, store, "/p").allowAlways("host.calculate");
  const [here, elsewhere] = [new Approvals(nothing, store, "/p"), new Approvals(nothing, store, "/q")];
  await here.load();
  await elsewhere.load();
  expect([here.allows("host.calculate", false), elsewhere.allows("host.calculate", false)]).toEqual([true, false]);
});
