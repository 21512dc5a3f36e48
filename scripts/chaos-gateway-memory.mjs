// What a program really holds: its heap after a collection, asked for over the inspector that it was started with (--inspect), and what it
// has of the machine's memory. The second goes up and down with the collector's moods; what leaks is in the first.
import { readFileSync } from "node:fs";
import { WebSocket } from "undici";

/** `address`: as the program says it on stderr, `ws://…`. */
export async function memoryOf(pid, address) {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the inspector does not answer")), { once: true });
  });
  let calls = 0;
  const ask = (method, params = {}) => {
    const id = ++calls;
    return new Promise((resolve) => {
      socket.addEventListener("message", function heard({ data }) {
        const answer = JSON.parse(data);
        if (answer.id !== id) return;
        socket.removeEventListener("message", heard);
        resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  await ask("HeapProfiler.enable");
  for (let n = 0; n < 2; n++) await ask("HeapProfiler.collectGarbage");
  await ask("HeapProfiler.disable");
  const { usedSize } = await ask("Runtime.getHeapUsage");
  socket.close();
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0;
  return { heap: Math.round(usedSize / 1024 ** 2), resident: Math.round(Number(resident) / 1024) };
}
