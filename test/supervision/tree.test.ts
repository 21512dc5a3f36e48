import { expect, test } from "vitest";
import {
  GenServer,
  linksOf,
  type Named,
  named,
  renderTree,
  stopProcess,
  type TreeNode,
} from "../../src/supervision/index.js";

class Linked extends GenServer<Named<unknown> | undefined> {
  protected override init(other: Named<unknown> | undefined): void {
    if (other !== undefined) this.link(other);
  }
}

test("what a process is linked to is told from either side, until one of them ends", async () => {
  const one = named<Linked>("one of two");
  const first = await Linked.start(undefined, { name: one });
  const other = await Linked.start(one);
  expect(linksOf(other)).toEqual(["one of two"]);
  expect(linksOf(one)).toEqual([`Linked${other.id}`]);
  await stopProcess(other);
  expect(linksOf(one)).toEqual([]);
  expect(linksOf(other)).toEqual([]);
  await stopProcess(first);
});

test("a drawn tree shows names, labels and reasons on their own lines, without what a terminal would act on", () => {
  const evil = "last words: \u001B]0;owned\u0007\u001B[31mred\u009B2J\r\nmore";
  const node = {
    id: "<0>",
    name: `one\u001B[2J`,
    behaviour: "Worker",
    status: "running",
    restarts: 0,
    mailbox: 0,
    zombies: 0,
    label: evil,
  } as unknown as TreeNode; // the fields the drawing reads
  const parked = { ...node, label: undefined, parked: { reason: evil, retryAt: 0 } } as unknown as TreeNode;
  const drawn = renderTree({ ...node, children: [parked] }, 0);
  expect(drawn.split("\n")).toEqual([
    "one     <0>  running  last words: red2J more",
    "└─ one  <0>  parked (last words: red2J more), tried again in 0 s",
  ]);
});
