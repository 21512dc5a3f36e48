// Buffers that change hands instead of being copied. A marked buffer is moved by the first message to a thread that it is in.
const marked = new WeakSet<ArrayBuffer>();

/** Marks buffers to be moved with the next message that holds them (themselves or a view on them), and returns the list:
 * `worker.call.sum(...transfer([buffer]))`. Afterwards they are empty here. Threads only: a process always gets a copy. */
export function transfer<T extends readonly ArrayBuffer[]>(buffers: T): T {
  for (const buffer of buffers) marked.add(buffer);
  return buffers;
}

/** True once for a marked buffer. */
export function takeMark(buffer: ArrayBuffer): boolean {
  return marked.delete(buffer);
}
