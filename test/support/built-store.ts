// The Store as a program has it: built, for its threads load files of their own. Types come from the sources.

import type * as SessionFile from "../../src/actors/session/session.js";
import type * as StoreFile from "../../src/actors/store/store.js";
import type * as Supervision from "../../src/supervision/index.js";

const dist = new URL("../../dist/", import.meta.url);
const load = (file: string): Promise<unknown> => import(/* @vite-ignore */ new URL(file, dist).href);

// What is built is what the sources say.
export const { Store } = (await load("actors/store/store.js")) as typeof StoreFile;
export const { Session } = (await load("actors/session/session.js")) as typeof SessionFile;
export const supervision = (await load("supervision/index.js")) as typeof Supervision;
