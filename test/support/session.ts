// The Session with what it needs beside the Store, as the application starts them.
import { Session, type SessionOptions } from "../../src/actors/session/session.js";
import { type ChildSpec, child, DynamicSupervisor, type Named, named } from "../../src/supervision/index.js";

export const messageStores = named<DynamicSupervisor>("MessageStores");

export function sessionChildren(
  options: Pick<SessionOptions, "store" | "run"> & Partial<SessionOptions>,
  name: Named<Session>,
): ChildSpec[] {
  const standard = {
    messages: messageStores,
    project: "/p",
    model: "offline",
    kind: "chat" as const,
    resume: undefined,
    window: { messages: 2_000, size: 8_000_000 },
  };
  return [
    child(DynamicSupervisor, undefined, { name: messageStores }),
    child(Session, { ...standard, ...options }, { name }),
  ];
}
