// better-sqlite3 12, the newest that runs on Node 20, aborts Node 24 when one of its objects is collected at a moment at which no
// JavaScript runs, as at the end of the program (its ObjectWrap then asks for an environment that is gone). So none of
// ours is ever collected: each is held here, iterators too. There are few, since statements are prepared once for each text; version 13,
// for Node 22 and newer, has no such fault.

const held: unknown[] = [];

/** Keeps a database or a statement for as long as the program runs. */
export function hold<T>(object: T): T {
  held.push(object);
  return object;
}
